import { readHeader } from '../archive/decode-manifest.js';
import { manifestOf } from '../archive/layout.js';
import { MAX_MANIFEST } from '../archive/limits.js';
import type { ObjectStorage } from '../ports/index.js';
import type { Listed } from './hour-listing.js';
import { type IntactLine, intactLines, notVerified } from './intact-lines.js';
import { MAX_ITEMS, type Source, TARGET } from './merge.js';
import { canBeMerged } from './merged-name.js';

/** Bytes of the text of a data object that is merged: all of it is held in memory. */
const MAX_TEXT = 64 * 1024 * 1024;

/** A data object and its manifest as they are in S3. */
export interface Stored {
  readonly manifest: Buffer;
  readonly data: Buffer;
}

/** True for an object that is left alone because it is large already. */
export function isLarge({ file, size = 0, manifestSize }: Listed): boolean {
  return size > TARGET / 2 || manifestSize > MAX_MANIFEST / 4 || !canBeMerged(file);
}

/** Undefined when the manifest was deleted since it was listed. Throws NOT_VERIFIED when the data is missing. */
export async function readStored(
  storage: ObjectStorage,
  { file, size = 0 }: Pick<Listed, 'file' | 'size'>,
): Promise<Stored | undefined> {
  const key = manifestOf(file);
  const manifest = await storage.read(key, MAX_MANIFEST);
  if (manifest === undefined) return undefined;
  const data = await storage.read(file, Math.max(size, 2 * TARGET));
  if (data !== undefined) return { manifest, data };
  // Somebody else may have replaced both.
  if ((await storage.read(key, MAX_MANIFEST)) === undefined) return undefined;
  throw notVerified(file, 'is missing, and has a manifest');
}

/** All lines, every one of them checked; undefined when they are too many to be merged. Throws as `intactLines` does. */
export async function readSource(file: string, stored: Stored): Promise<Source | undefined> {
  const key = manifestOf(file);
  const { table, failed, items } = await readHeader(stored.manifest, key);
  if (items > MAX_ITEMS / 2) return undefined;
  const lines: IntactLine[] = [];
  let text = 0;
  for await (const line of intactLines(key, stored)) {
    text += line.bytes.length;
    if (text > MAX_TEXT) return undefined;
    lines.push(line);
  }
  return { table, failed, file, size: stored.data.length, lines };
}
