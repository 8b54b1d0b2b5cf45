import type { ItemEntry } from '../ports/index.js';
import { gzipMember } from './gzip-member.js';

/** The version of the format. */
export const MANIFEST_VERSION = 1;

/** The first line of a manifest. */
export interface ManifestHeader extends NewHeader {
  /** How many item lines follow. */
  readonly items: number;
}

interface NewHeader {
  readonly table: string;
  /** The key of the data object. */
  readonly file: string;
  /** The keys of the data objects that this one replaces: its lines are all of theirs. */
  readonly merged?: readonly string[];
  /** Where AWS Lambda puts the batches that it gives up on, as an `s3://` URL. */
  readonly failed?: string | undefined;
}

/** The manifest of a data object: a header, then an item line for each line of the data, gzipped. */
export function encodeManifest(header: NewHeader, entries: readonly ItemEntry[]): Promise<Buffer> {
  const lines = entries.map(manifestLine);
  return gzipMember(manifestHeader({ ...header, items: entries.length }) + lines.join(''));
}

/** The first line of a manifest. */
export function manifestHeader({ table, file, items, ...more }: ManifestHeader): string {
  return `${JSON.stringify({ type: 'manifest', version: MANIFEST_VERSION, table, file, items, ...more })}\n`;
}

/** The item line of a manifest. */
export function manifestLine(entry: ItemEntry): string {
  const { file: _, ShardId, ...facts } = entry;
  // An event of AWS Lambda does not say which shard its records are from.
  return `${JSON.stringify({ type: 'item', ...facts, ...(ShardId === '' ? {} : { ShardId }) })}\n`;
}
