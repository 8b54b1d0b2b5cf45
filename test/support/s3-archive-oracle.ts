import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';

/*
 * A reader of archives in S3 written from docs/archive-format.md alone, with nothing of the program.
 */

type Fields = Record<string, unknown>;

export interface OracleItem {
  readonly eventID: string;
  /** The item line of the manifest. */
  readonly entry: Fields;
  /** The item's line of the data object. */
  readonly line: string;
}

/** Every item that counts, once. Throws when something is not as documented. */
export function readS3Archive(objects: ReadonlyMap<string, Buffer>): OracleItem[] {
  const items = new Map<string, OracleItem>();
  for (const [key, content] of objects) {
    const [, path] = /^\.ttl-archive\/manifests\/(.*)\.ndjson\.gz$/.exec(key) ?? [];
    if (path === undefined) continue;
    const text = gunzipSync(content).toString('utf8');
    if (!text.endsWith('\n')) throw new Error(`${key}: no line feed at the end`);
    const [header = {}, ...entries] = text.slice(0, -1).split('\n').map(fieldsOf);
    if (header['type'] !== 'manifest' || header['version'] !== 1) throw new Error(`${key}: ${JSON.stringify(header)}`);
    if (header['file'] !== `${path}.json.gz`)
      throw new Error(`${key} is not the manifest of ${String(header['file'])}`);
    if (header['items'] !== entries.length) throw new Error(`${key}: ${entries.length} items`);
    const data = objects.get(`${path}.json.gz`);
    if (data === undefined) throw new Error(`${key} has no data`);
    for (const entry of entries) {
      const item = itemOf(entry, data, path);
      if (!items.has(item.eventID)) items.set(item.eventID, item);
    }
  }
  return [...items.values()];
}

function itemOf(entry: Fields, data: Buffer, path: string): OracleItem {
  const { type, eventID, offset, line, sha256, size, deletedAt } = entry;
  if (type !== 'item' || typeof eventID !== 'string') throw new Error(`${path}: ${JSON.stringify(entry)}`);
  const lines = gunzipSync(data.subarray(Number(offset)))
    .toString('utf8')
    .split('\n');
  const text = lines[Number(line)] ?? '';
  if (createHash('sha256').update(text).digest('hex') !== sha256) throw new Error(`${path}: ${eventID} is altered`);
  if (Buffer.byteLength(text) !== size) throw new Error(`${path}: ${eventID} has not ${String(size)} bytes`);
  const [, year, month, day, hour] = /^(\d{4})-(\d\d)-(\d\d)T(\d\d)/.exec(String(deletedAt)) ?? [];
  const folder = `year=${year}/month=${month}/day=${day}/hour=${hour}/`;
  if (!path.startsWith(folder)) throw new Error(`${path}: ${eventID} was deleted at ${String(deletedAt)}`);
  return { eventID, entry, line: text };
}

function fieldsOf(text: string): Fields {
  return JSON.parse(text);
}
