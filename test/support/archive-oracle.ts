import { createHash } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import type { ArchiveBytes } from './archive-bytes.js';

/*
 * Reads an archive by its documented format, with nothing of the program that wrote it: what judges the program must
 * not share its mistakes.
 */

export interface OracleItem {
  readonly type: 'item';
  readonly file: string;
  readonly eventID: string;
  readonly ShardId: string;
  readonly SequenceNumber: string;
  readonly sha256: string;
  readonly size: number;
  readonly offset?: number;
  readonly line?: number;
}

export interface OracleGap {
  readonly type: 'gap';
  readonly stream: string;
  readonly ShardId: string;
  readonly scope?: string;
  readonly from?: string;
  readonly to: string;
}

interface OracleCheckpoint {
  readonly type: 'checkpoint';
  readonly stream: string;
  readonly ShardId: string;
  readonly position: string;
  readonly childless?: true;
  readonly segments?: readonly { readonly file: string; readonly length: number; readonly closed?: true }[];
}

interface OracleHeartbeat {
  readonly type: 'heartbeat';
  readonly stream: string;
  readonly dropped?: readonly string[];
}

export type OracleLine = OracleItem | OracleGap | OracleCheckpoint | OracleHeartbeat;

const JOURNAL = /^\.ttl-archive\/journal\/\d{4}-\d\d-\d\d\.ndjson$/;

/** The committed lines of a journal, and what is wrong with it. */
export async function readJournalLines(archive: ArchiveBytes): Promise<{ lines: OracleLine[]; problems: string[] }> {
  const names = (await archive.paths()).filter((path) => JOURNAL.test(path)).toSorted();
  const lines: OracleLine[] = [];
  const problems: string[] = [];
  let before = '0'.repeat(32);
  for (const name of names) {
    const texts = ((await archive.read(name)) ?? Buffer.alloc(0)).toString('utf8').split('\n');
    if (texts.pop() !== '') problems.push(`broken journal: ${name} ends within a line`);
    let open: OracleLine[] = [];
    for (const [index, text] of texts.entries()) {
      const where = `${name}:${index + 1}`;
      const parsed = parse(text);
      if (parsed === undefined) {
        problems.push(`broken line: ${where}`);
        continue;
      }
      const { check, prev, ...content } = parsed;
      if (prev !== before) problems.push(`broken chain: ${where}`);
      before = sha256(text).slice(0, 32);
      open.push(content);
      if (content.type === 'item') continue;
      const signed = text.slice(0, text.lastIndexOf(',"check":"'));
      if (check !== sha256(signed + prev).slice(0, 16)) problems.push(`broken check: ${where}`);
      lines.push(...open);
      open = [];
    }
    if (open.length > 0) problems.push(`broken journal: ${name} ends within a commit`);
  }
  return { lines, problems };
}

/** Reads items' bytes out of the archive's files. */
export class ItemBytes {
  readonly #archive: ArchiveBytes;
  readonly #members = new Map<string, string[]>();
  /** The segment that was read last. */
  #segment: { readonly file: string; readonly bytes: Buffer | undefined } | undefined;

  constructor(archive: ArchiveBytes) {
    this.#archive = archive;
  }

  /** The line or file that an item line names; undefined when it is not there. */
  async of({ file, offset, line, size }: OracleItem): Promise<string | undefined> {
    if (offset === undefined) return (await this.#archive.read(file))?.toString('utf8');
    if (this.#segment?.file !== file) this.#segment = { file, bytes: await this.#archive.read(file) };
    const { bytes } = this.#segment;
    if (bytes === undefined) return undefined;
    if (line === undefined) return bytes.toString('utf8', offset, offset + size);
    const key = `${file}@${offset}`;
    const lines = this.#members.get(key) ?? linesFrom(bytes.subarray(offset));
    this.#members.set(key, lines);
    return lines[line];
  }
}

/** The lines of the gzip member at the beginning: a header of ten bytes (RFC 1952) and a deflate stream that ends itself. */
function linesFrom(bytes: Buffer): string[] {
  const HEADER = 10;
  if (bytes.readUInt32BE(0) !== 0x1f8b0800) return [];
  try {
    return inflateRawSync(bytes.subarray(HEADER)).toString('utf8').split('\n');
  } catch {
    return [];
  }
}

/** Files that a reader takes for archived items, and that the journal does not list, or not in this length. */
export async function findStrayBytes(archive: ArchiveBytes, lines: readonly OracleLine[]): Promise<string[]> {
  const files = new Set<string>();
  const lengths = new Map<string, number>();
  for (const line of lines) {
    if (line.type === 'item' && line.offset === undefined) files.add(line.file);
    if (line.type !== 'checkpoint') continue;
    for (const { file, length } of line.segments ?? []) lengths.set(file, length);
  }
  const stray: string[] = [];
  for (const path of await archive.paths()) {
    if (path.startsWith('.ttl-archive/') || !/\.json(?:\.gz)?$/.test(path) || files.has(path)) continue;
    const length = lengths.get(path);
    const actual = (await archive.read(path))?.length;
    if (length === undefined) stray.push(`unlisted: ${path}`);
    else if (actual !== length) stray.push(`other length: ${path} has ${actual} bytes, and ${length} are committed`);
  }
  return stray;
}

function parse(text: string): ({ check?: string; prev: string } & OracleLine) | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
