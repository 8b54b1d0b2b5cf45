import type { ItemEntry, WireItem } from '../ports/index.js';

/** How a column is stored; each value may be null. */
type ColumnType = 'STRING' | 'BYTE_ARRAY' | 'DOUBLE' | 'TIMESTAMP';
type Cell = string | number | Date | Uint8Array | null;

/** What a row is made of. */
export interface ExportedItem {
  readonly entry: ItemEntry;
  /** The item's JSON text as it was archived; undefined when it could not be read. */
  readonly text: string | undefined;
}

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly cell: (item: ExportedItem) => Cell;
}

/** The greatest time that a Date can have, in milliseconds. */
const MAX_TIME = 8.64e15;

const COLUMNS: readonly Column[] = [
  { name: 'deleted_at', type: 'TIMESTAMP', cell: ({ entry }) => timeOf(Date.parse(entry.deletedAt) || undefined) },
  { name: 'expired_at', type: 'TIMESTAMP', cell: ({ entry: { ttl } }) => timeOf(ttl === undefined ? ttl : ttl * 1000) },
  { name: 'ttl', type: 'DOUBLE', cell: ({ entry }) => entry.ttl ?? null },
  { name: 'provenance', type: 'STRING', cell: ({ entry }) => entry.provenance },
  { name: 'event_id', type: 'STRING', cell: ({ entry }) => entry.eventID },
  { name: 'sequence_number', type: 'STRING', cell: ({ entry }) => entry.SequenceNumber },
  { name: 'keys', type: 'STRING', cell: ({ entry }) => JSON.stringify(entry.Keys) },
  { name: 'item', type: 'STRING', cell: ({ text }) => text ?? null },
];

/**
 * The columns of an export: those of every item, and one for each key attribute of `firstKey`, named `key_` and its name. A
 * number is text, because DynamoDB's have up to 38 digits and an exponent, which no type of Parquet holds. An item whose
 * key has another type, from a table that was created anew, has null there.
 */
export function columnsFor(firstKey: WireItem | undefined): Column[] {
  const keys = Object.entries(firstKey ?? {}).map(([name, value]): Column => {
    const [type = 'S'] = Object.keys(value);
    return {
      name: `key_${name}`,
      type: type === 'B' ? 'BYTE_ARRAY' : 'STRING',
      cell: ({ entry }) => keyCell(entry.Keys[name]?.[type], type),
    };
  });
  return [...COLUMNS.slice(0, 3), ...keys, ...COLUMNS.slice(3)];
}

function keyCell(value: unknown, type: string): Cell {
  if (typeof value !== 'string') return null;
  return type === 'B' ? Buffer.from(value, 'base64') : value;
}

function timeOf(time: number | undefined): Date | null {
  return time === undefined || Math.abs(time) > MAX_TIME ? null : new Date(time);
}
