import type { DeletionOrder } from './decode-item.js';

/** True when one version is known to have been deleted before another one: by time, then by SequenceNumber. */
export function isOlder(version: DeletionOrder | undefined, other: DeletionOrder | undefined): boolean {
  if (version === undefined || other === undefined) return false;
  if (version.at !== other.at) return version.at < other.at;
  if (version.SequenceNumber === undefined || other.SequenceNumber === undefined) return false;
  return BigInt(version.SequenceNumber) < BigInt(other.SequenceNumber);
}
