import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';

/*
 * A reader written from docs/archive-format.md alone, with nothing of the program: what it cannot read, the document
 * does not explain.
 */

export type Fields = Record<string, unknown>;

export interface ReadItem {
  /** The item line. */
  readonly entry: Fields;
  /** The item's JSON text, without what a segment of the format `item` wraps it in. */
  readonly text: string;
}

/** Every committed item of an archive, in the order of the journal. Throws when something is not as documented. */
export async function readDocumentedArchive(archive: string): Promise<ReadItem[]> {
  const about = fieldsOf(await readFile(join(archive, '.ttl-archive/archive.json'), 'utf8'));
  if (about['version'] !== 1) throw new Error(`version ${String(about['version'])}`);
  const items: ReadItem[] = [];
  const committed = await readCommitted(archive);
  for (const [index, entry] of committed.entries()) {
    if (entry['type'] !== 'item' || isPruned(entry, committed.slice(index + 1))) continue;
    const text = (await bytesOf(archive, entry)).toString('utf8');
    const isWrapped = about['layout'] === 'segments' && about['format'] === 'item';
    items.push({ entry, text: isWrapped ? text.slice('{"Item":'.length, -1) : text });
  }
  return items;
}

/** True when one of the later lines prunes the item. */
function isPruned({ file, offset, deletedAt }: Fields, later: readonly Fields[]): boolean {
  const [year, month, day, hour] = String(file).match(/(?<==)\d+/g) ?? [];
  // A segment as a whole: by the end of its hour.
  const time = offset === undefined ? String(deletedAt) : `${year}-${month}-${day}T${hour}:59:59.999Z`;
  if (time.startsWith('1970-01-01T00:')) return false;
  return later.some(({ pruned }) => typeof pruned === 'object' && pruned !== null && time < fieldOf(pruned, 'before'));
}

function fieldOf(value: object, name: string): string {
  return String(Object.entries(value).find(([key]) => key === name)?.[1] ?? '');
}

/** The committed lines of the journal. */
export async function readCommitted(archive: string): Promise<Fields[]> {
  const folder = join(archive, '.ttl-archive/journal');
  const names = (await readdir(folder)).filter((name) => /^\d{4}-\d\d-\d\d\.ndjson$/.test(name)).toSorted();
  const committed: Fields[] = [];
  let prev = '0'.repeat(32);
  for (const name of names) {
    const texts = (await readFile(join(folder, name), 'latin1')).split('\n');
    const rest = texts.pop() ?? '';
    let waiting: Fields[] = [];
    let offset = 0;
    for (const [index, latin1] of texts.entries()) {
      const text = Buffer.from(latin1, 'latin1').toString('utf8');
      const line = lineOf(text, prev);
      if (line === undefined) {
        if (name !== names.at(-1) || hasLaterAppend(texts.slice(index + 1), offset))
          throw new Error(`damaged: ${name}`);
        return committed;
      }
      prev = sha256(text).slice(0, 32);
      offset += latin1.length + 1;
      waiting.push(line);
      if (line['type'] === 'item') continue;
      committed.push(...waiting);
      waiting = [];
    }
    if (name !== names.at(-1) && (rest !== '' || waiting.length > 0)) throw new Error(`cut short: ${name}`);
  }
  return committed;
}

/** The line, when its hashes are right. */
function lineOf(text: string, prev: string): Fields | undefined {
  const line = parse(text);
  if (line?.['prev'] !== prev) return undefined;
  return line['type'] === 'item' || isChecked(text, line) ? line : undefined;
}

function isChecked(text: string, { check, prev }: Fields): boolean {
  const body = text.slice(0, text.lastIndexOf(',"check":"'));
  return check === sha256(`${body}${String(prev)}`).slice(0, 16);
}

/** A closing line of a later append proves that what is damaged was durable. */
function hasLaterAppend(texts: readonly string[], damagedAt: number): boolean {
  return texts.some((latin1) => {
    const text = Buffer.from(latin1, 'latin1').toString('utf8');
    const line = parse(text);
    return line !== undefined && isChecked(text, line) && Number(line['append']) > damagedAt;
  });
}

async function bytesOf(archive: string, { file, offset, line, size, sha256: hash }: Fields): Promise<Buffer> {
  if (!/^(?:[\w=-][\w.=-]*\/)*[\w=-][\w.=-]*$/.test(String(file))) throw new Error(`bad path: ${String(file)}`);
  const content = await readWhereItIs(archive, String(file));
  let bytes = content;
  if (line !== undefined) bytes = memberLine(content.subarray(Number(offset)), Number(line));
  else if (offset !== undefined) bytes = content.subarray(Number(offset), Number(offset) + Number(size));
  if (bytes.length !== size || sha256(bytes) !== hash) throw new Error(`altered: ${String(file)}`);
  return bytes;
}

/** A segment that is still being written lies in `open/`, and may be renamed between two looks. */
async function readWhereItIs(archive: string, file: string): Promise<Buffer> {
  const name = file.slice(file.lastIndexOf('/') + 1);
  for (const path of [file, `.ttl-archive/open/${name}.open`]) {
    const content = await readFile(join(archive, path)).catch(() => undefined);
    if (content !== undefined) return content;
  }
  return readFile(join(archive, file));
}

/** A line of the gzip member at the beginning: ten bytes of header, then deflated data that says where it ends. */
function memberLine(bytes: Buffer, line: number): Buffer {
  if (bytes.toString('hex', 0, 10) !== '1f8b08000000000000ff') throw new Error('not a gzip member');
  return Buffer.from(inflateRawSync(bytes.subarray(10)).toString('utf8').split('\n')[line] ?? '');
}

function parse(text: string): Fields | undefined {
  try {
    return fieldsOf(text);
  } catch {
    return undefined;
  }
}

export function fieldsOf(text: string): Fields {
  return { ...JSON.parse(text) };
}

export function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
