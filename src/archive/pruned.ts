import type { ItemEntry } from '../ports/index.js';
import { partitionOf } from './layout.js';

/** The time of a deletion whose record had none: nobody knows how old the item is, so it is never pruned. */
const UNKNOWN = 0;

/**
 * True for an item that a prune of what was deleted `before` (ISO 8601) removes: in a file of its own by its `deletedAt`,
 * in a segment together with it.
 */
export function isItemBefore({ file, offset, deletedAt }: ItemEntry, before: string): boolean {
  if (offset !== undefined) return isSegmentBefore(file, before);
  const time = Date.parse(deletedAt);
  return time < Date.parse(before) && time !== UNKNOWN;
}

/** True for a segment whose items were all deleted before the hour of `before` (ISO 8601). Names of folders sort by the hour. */
export function isSegmentBefore(file: string, before: string): boolean {
  const unknown = partitionOf(new Date(UNKNOWN).toISOString());
  return file < partitionOf(new Date(before).toISOString()) && !file.startsWith(`${unknown}/`);
}
