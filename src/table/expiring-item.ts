import { TtlArchiveError } from '../errors.js';
import { quoted } from '../lib/escape.js';
import type { KeyAttribute, TableDescription, WireItem, WireValue } from '../ports/index.js';

/** Fits into DynamoDB's 38 decimal digits: 16^30 < 10^37. */
const MAX_HEX_DIGITS = 30;

/** An item that expires at `ttl` (epoch seconds), and its key, which the UUID `id` makes unique. */
export function expiringItem(
  { TableName, keySchema }: TableDescription,
  ttlAttribute: string,
  { id, ttl }: { id: string; ttl: number },
): { key: WireItem; item: WireItem } {
  const key: Record<string, WireValue> = {};
  for (const attribute of keySchema) {
    key[attribute.name] = attribute.name === ttlAttribute ? ttlKey(TableName, attribute, ttl) : keyValue(attribute, id);
  }
  return { key, item: { putBy: { S: 'ttl-archive put-and-wait' }, ...key, [ttlAttribute]: { N: String(ttl) } } };
}

function keyValue({ type }: KeyAttribute, id: string): WireValue {
  const hex = id.replaceAll('-', '');
  if (type === 'N') return { N: BigInt(`0x${hex.slice(0, MAX_HEX_DIGITS)}`).toString() };
  if (type === 'B') return { B: Buffer.from(hex, 'hex').toString('base64') };
  return { S: `item-${id}` };
}

/** The TTL attribute may be a key attribute, even the whole key. Throws TABLE unless it is a number. */
function ttlKey(table: string, { name, type }: KeyAttribute, ttl: number): WireValue {
  if (type === 'N') return { N: String(ttl) };
  throw new TtlArchiveError(
    'TABLE',
    `Items of table ${quoted(table)} never expire: its TTL attribute ${quoted(name)} is a key of type ${type}, not N.`,
    { remedy: 'Make a table whose TTL attribute is a number, for example with `ttl-archive setup --table <name>`.' },
  );
}
