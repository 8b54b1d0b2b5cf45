import { promisify } from 'node:util';
import { constants, gunzip, type ZlibOptions } from 'node:zlib';
import { eachLine } from '../lib/lines.js';
import type { ItemEntry, ObjectStorage } from '../ports/index.js';
import { entryParser, parseHeader } from './decode-manifest.js';
import { isZlibError } from './gzip-member.js';
import { type ManifestHeader } from './manifest.js';

/** Bytes that are read first, and when the header is longer (it may list what was merged). */
const LENGTHS = [4 * 1024, 1024 * 1024];
/** Bytes of the first lines, inflated. */
const MAX_HEAD = 32 * 1024 * 1024;

const inflate = promisify<Buffer, ZlibOptions, Buffer>(gunzip);

export interface ManifestHead {
  readonly header: ManifestHeader;
  /** The first item, if it is within the first bytes. */
  readonly first?: ItemEntry;
}

/** How a manifest begins, without reading all of it; undefined when it is gone. Throws JOURNAL when that is damaged. */
export async function readManifestHead(
  storage: Pick<ObjectStorage, 'readAt'>,
  key: string,
): Promise<ManifestHead | undefined> {
  let head: Buffer = Buffer.alloc(0);
  for (const length of LENGTHS) {
    const content = await storage.readAt(key, 0, length);
    if (content === undefined) return undefined;
    head = await beginning(content);
    const [first, second] = eachLine(head);
    const isWhole = content.length < length;
    if (first === undefined || (second === undefined && !isWhole && length !== LENGTHS.at(-1))) continue;
    const header = parseHeader(first, key);
    return second === undefined ? { header } : { header, first: entryParser(key, header.file)(second) };
  }
  return { header: parseHeader(head, key) };
}

/** What can be inflated of the beginning of a gzip file; nothing when it is damaged. */
async function beginning(content: Buffer): Promise<Buffer> {
  try {
    return await inflate(content, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MAX_HEAD });
  } catch (error) {
    if (isZlibError(error) || error instanceof RangeError) return Buffer.alloc(0);
    throw error;
  }
}
