import fc from 'fast-check';
import type { WireItem } from '../../src/ports/index.js';
import { anyItems } from './any-item.js';
import { changeRecord, DELETED_AT, type SampleRecord } from './change-record.js';
import { type EventRecord, eventRecord } from './lambda-event.js';

/** What happens in one invocation: it is killed, or S3 fails, before or after the effect of its `call`-th call. */
type Fate =
  | { readonly kind: 'fine' }
  /** The answer is lost: Lambda delivers the same records again, cut differently. */
  | { readonly kind: 'unheard' }
  | { readonly kind: 'killed' | 'fails'; readonly call: number; readonly done: boolean };

const KINDS = ['ttl', 'by-hand', 'insert', 'modify', 'no-image', 'no-keys', 'no-number'] as const;

export interface LambdaHistory {
  readonly seed: number;
  /** Of each shard: its records. */
  readonly shards: readonly (readonly { readonly kind: (typeof KINDS)[number]; readonly minutes: number }[])[];
  readonly bisects: boolean;
  readonly retries: number;
  /** The sizes of batches, and what happens, one after the other and then again. */
  readonly cuts: readonly number[];
  readonly fates: readonly Fate[];
}

const kind = fc.oneof({ weight: 6, arbitrary: fc.constant('ttl' as const) }, fc.constantFrom(...KINDS));
const fate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({ kind: 'fine' as const }) },
  fc.constant({ kind: 'unheard' as const }),
  fc.record({
    kind: fc.constantFrom('killed' as const, 'fails' as const),
    call: fc.integer({ min: 1, max: 6 }),
    done: fc.boolean(),
  }),
);

export const lambdaHistories: fc.Arbitrary<LambdaHistory> = fc.record({
  seed: fc.integer({ min: 0, max: 2 ** 31 }),
  shards: fc.array(
    fc.array(fc.record({ kind, minutes: fc.integer({ min: 0, max: 40 }) }), { minLength: 1, maxLength: 14 }),
    { minLength: 1, maxLength: 2 },
  ),
  bisects: fc.boolean(),
  retries: fc.integer({ min: 0, max: 4 }),
  cuts: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 }),
  fates: fc.array(fate, { minLength: 1, maxLength: 12 }),
});

/** A record of a history with what has to become of it. */
export interface MadeRecord {
  readonly sent: EventRecord;
  readonly eventID: string;
  /** The line that the archive must have; absent: TTL did not delete it, or it cannot be archived. */
  readonly line?: string;
  readonly isPoison: boolean;
}

/** The records of each shard, in the order of their times. */
export function recordsOf({ seed, shards }: LambdaHistory): MadeRecord[][] {
  const items = anyItems(shards.flat().length, seed);
  let number = 0;
  return shards.map((plans, shard) => {
    let time = DELETED_AT;
    let key: WireItem | undefined;
    return plans.map(({ kind: made, minutes }) => {
      time += minutes * 60;
      // Some are further versions of the item before.
      const OldImage: WireItem = { ...items[number], ...(number % 3 === 2 && key) };
      key = { PK: OldImage['PK'] ?? {}, SK: OldImage['SK'] ?? {} };
      const eventID = `event-${number}`;
      const change = {
        ApproximateCreationDateTime: time,
        Keys: { PK: OldImage['PK'], SK: OldImage['SK'] },
        OldImage,
        SequenceNumber: `${shard + 1}${String(number++).padStart(20, '0')}`,
      };
      const sent = JSON.parse(JSON.stringify(eventRecord(changeRecord({ eventID, ...SHAPES[made](change) }))));
      const isPoison = made.startsWith('no-');
      return { sent, eventID, isPoison, ...(made === 'ttl' && { line: `{"Item":${JSON.stringify(OldImage)}}` }) };
    });
  });
}

type Change = NonNullable<SampleRecord['dynamodb']>;

const SHAPES: Record<(typeof KINDS)[number], (change: Change) => SampleRecord> = {
  ttl: (dynamodb) => ({ dynamodb }),
  'by-hand': (dynamodb) => ({ userIdentity: null, dynamodb }),
  insert: (dynamodb) => ({ eventName: 'INSERT', userIdentity: null, dynamodb }),
  modify: (dynamodb) => ({ eventName: 'MODIFY', userIdentity: null, dynamodb }),
  'no-image': (dynamodb) => ({ dynamodb: { ...dynamodb, OldImage: undefined } }),
  'no-keys': (dynamodb) => ({ dynamodb: { ...dynamodb, Keys: undefined } }),
  'no-number': (dynamodb) => ({ dynamodb: { ...dynamodb, SequenceNumber: undefined } }),
};
