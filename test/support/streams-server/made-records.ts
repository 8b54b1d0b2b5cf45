import type { KeyAttribute, WireItem } from '../../../src/ports/index.js';
import {
  type Change,
  eventIdOf,
  insert,
  manualDelete,
  modify,
  type RecordPlace,
  serialiseRecord,
  ttlDelete,
} from './change-records.js';

/** Many records of one shape, for load. */
export interface Filling {
  readonly count: number;
  /** Size of a record's JSON, about. Default 600. */
  readonly bytes?: number;
  /** Share of TTL deletions, spread evenly. Default 1. */
  readonly ttlShare?: number;
  /** What the others are. Default `manualDelete`. */
  readonly others?: 'manualDelete' | 'insert' | 'modify';
}

const KEY = '10000000000000000000';
const SEQUENCE_NUMBER = '20000000000000000000000';
const EVENT_ID = '3'.repeat(32);
const OTHERS = {
  manualDelete,
  insert,
  modify: (item: WireItem) => modify(item, item),
};

/** Serialises the record of an index from a template: string joining only, no JSON.stringify a record. */
export function recordMaker(
  filling: Filling,
  context: {
    readonly place: Omit<RecordPlace, 'eventID' | 'SequenceNumber'>;
    readonly keySchema: readonly KeyAttribute[];
    readonly ttlAttribute: string;
    readonly shardNumber: number;
    readonly sequenceNumberAt: (index: number) => string;
  },
): (index: number) => string {
  const { ttlShare = 1, others = 'manualDelete' } = filling;
  const ttl = template(ttlDelete, filling, context);
  const other = template(OTHERS[others], filling, context);
  const shard = `1${String(context.shardNumber).padStart(7, '0')}`;
  return (index) => {
    const isTtl = Math.floor((index + 1) * ttlShare) > Math.floor(index * ttlShare);
    const values: Record<string, string> = {
      [KEY]: shard + String(index).padStart(12, '0'),
      [SEQUENCE_NUMBER]: context.sequenceNumberAt(index),
      [EVENT_ID]: eventIdOf(context.shardNumber, index),
    };
    let json = '';
    for (const part of isTtl ? ttl : other) json += values[part] ?? part;
    return json;
  };
}

function template(
  change: (item: WireItem) => Change,
  { bytes = 600 }: Filling,
  { place, keySchema, ttlAttribute }: Parameters<typeof recordMaker>[1],
): string[] {
  const serialise = (padding: number) => {
    // Twenty digits are a fine S, N and base64 B alike.
    const keys = keySchema.map(({ name, type }) => [name, { [type]: KEY }] as const);
    const item: WireItem = {
      ...Object.fromEntries(keys),
      [ttlAttribute]: { N: String(Math.floor(place.at / 1000) - 60) },
      ...(padding > 0 && { data: { S: 'x'.repeat(padding) } }),
    };
    return serialiseRecord(change(item), { ...place, eventID: EVENT_ID, SequenceNumber: SEQUENCE_NUMBER });
  };
  const copies = serialise(1000).length - serialise(999).length || 1;
  const padding = Math.max(1, Math.floor((bytes - serialise(1).length) / copies) + 1);
  return serialise(padding).split(new RegExp(`(${SEQUENCE_NUMBER}|${EVENT_ID}|${KEY})`));
}
