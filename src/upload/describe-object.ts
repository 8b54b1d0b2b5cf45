import { hash } from 'node:crypto';
import { gzipMember, linesOf, readGzipMember } from '../archive/gzip-member.js';
import { manifestHeader, manifestLine } from '../archive/manifest.js';
import { ObjectName } from '../archive/object-name.js';
import type { ItemEntry } from '../ports/index.js';

/** Characters of item lines in one gzip member of a manifest. */
const MEMBER_LENGTH = 4 * 1024 * 1024;

/** The key and the manifest of a data object. */
export interface ObjectDescription {
  readonly key: string;
  readonly manifest: Buffer;
}

/**
 * Describes an object that consists of exactly these entries' lines, in their order; undefined when it does not: each line
 * is compared with its hash. With `atTheirPlace` the lines must also be where the entries say. Holds one gzip member and the
 * compressed manifest in memory, so that a segment may have any number of items.
 */
export async function describeObject(
  content: Buffer,
  entries: AsyncIterable<ItemEntry>,
  { table, atTheirPlace }: { readonly table: string; readonly atTheirPlace: boolean },
): Promise<ObjectDescription | undefined> {
  const bytes = {
    readAt: async (_: string, position: number, length: number) => content.subarray(position, position + length),
  };
  const name = new ObjectName();
  const members: Buffer[] = [];
  let text = '';
  let items = 0;
  let lines: Buffer[] = [];
  let offset = 0;
  let end = 0;
  let line = 0;
  for await (const entry of entries) {
    if (line === lines.length) {
      const member = await readGzipMember({ disk: bytes }, { path: '', offset: end });
      if (member === undefined) return undefined;
      [lines, offset, end, line] = [linesOf(member.content), end, member.end, 0];
    }
    const found = lines[line];
    if (found === undefined || found.length !== entry.size || hash('sha256', found) !== entry.sha256) return undefined;
    if (atTheirPlace && (entry.offset !== offset || entry.line !== line)) return undefined;
    name.add(entry);
    text += manifestLine({ ...entry, offset, line });
    items++;
    line++;
    if (text.length < MEMBER_LENGTH) continue;
    members.push(await gzipMember(text));
    text = '';
  }
  if (items === 0 || line < lines.length || end < content.length) return undefined;
  if (text !== '') members.push(await gzipMember(text));
  const key = name.key();
  const header = await gzipMember(manifestHeader({ table, file: key, items }));
  return { key, manifest: Buffer.concat([header, ...members]) };
}
