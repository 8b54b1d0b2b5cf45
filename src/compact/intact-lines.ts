import { hash } from 'node:crypto';
import { manifestEntries } from '../archive/decode-manifest.js';
import { linesOf, readGzipMember } from '../archive/gzip-member.js';
import { dataOf, partitionOf } from '../archive/layout.js';
import { TtlArchiveError } from '../errors.js';
import type { ItemEntry } from '../ports/index.js';

/** A line of a data object, without its line feed, and its entry. */
export interface IntactLine {
  readonly entry: ItemEntry;
  readonly bytes: Buffer;
}

/**
 * The lines that a manifest lists, in its order, each compared with its size and hash. Throws NOT_VERIFIED when one of them is
 * missing or altered or belongs into another hour, and JOURNAL when the manifest is damaged; what came before is intact.
 */
export async function* intactLines(
  key: string,
  { manifest, data }: { readonly manifest: Buffer; readonly data: Buffer },
): AsyncGenerator<IntactLine> {
  const folder = dataOf(key)?.replace(/\/[^/]*$/, '');
  const disk = {
    readAt: async (_: string, position: number, length: number) => data.subarray(position, position + length),
  };
  let member: { readonly offset: number | undefined; readonly lines: readonly Buffer[] } | undefined;
  for await (const entry of manifestEntries(manifest, key)) {
    const { file, offset = 0, line = 0, sha256, size, deletedAt } = entry;
    if (member?.offset !== offset) {
      const found = await readGzipMember({ disk }, { path: file, offset });
      member = { offset, lines: found === undefined ? [] : linesOf(found.content) };
    }
    const bytes = member.lines[line];
    if (bytes === undefined || bytes.length !== size || hash('sha256', bytes) !== sha256) {
      throw notVerified(file, 'is not as its manifest says');
    }
    if (partitionOf(deletedAt) !== folder) throw notVerified(file, 'has an item of another hour');
    yield { entry, bytes };
  }
}

export function notVerified(file: string, what: string): TtlArchiveError {
  return new TtlArchiveError('NOT_VERIFIED', `The object ${file} ${what}.`, {
    remedy: 'Get an earlier version of this object from the bucket, or from a backup.',
  });
}
