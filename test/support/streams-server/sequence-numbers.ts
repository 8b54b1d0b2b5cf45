/**
 * SequenceNumbers as a function of a record's index in its shard, so that a million records need no memory for them.
 * In `aws` numbering they have 21 digits at first and grow longer within a shard after a few, some dozens and some
 * hundreds of records: whoever compares them as strings goes wrong at once. The last six digits tell the shard, so that
 * no two shards share a SequenceNumber.
 */
export interface SequenceNumbers {
  /** StartingSequenceNumber of the shard; below that of every record. */
  readonly start: bigint;
  /** SequenceNumber of the record with this index. */
  at(index: number): string;
  /** EndingSequenceNumber of a shard with `count` records; not below the last record's. */
  ending(count: number): bigint;
  /** How many of the shard's (endlessly many) possible records have a SequenceNumber up to and including this one. */
  countUpTo(sequenceNumber: bigint): { count: number; exact: boolean };
  format(sequenceNumber: bigint): string;
}

export type Numbering = 'aws' | 'ddblocal';

const SHARD_DIGITS = 10n ** 6n;
const AWS_STEP = 137n * 10n ** 18n;

/** @param after EndingSequenceNumber of the parent shard, when there is one. */
export function sequenceNumbers(numbering: Numbering, shardNumber: number, after?: bigint): SequenceNumbers {
  const aws = numbering === 'aws';
  const step = aws ? AWS_STEP : 1n;
  const start = aws ? awsStart(shardNumber, after) : (after ?? BigInt(shardNumber) * 10n ** 9n);
  const format = (value: bigint) => (aws ? String(value) : String(value).padStart(21, '0'));
  return {
    start,
    format,
    at: (index) => format(start + BigInt(index + 1) * step),
    ending: (count) => start + BigInt(count) * step + (aws ? step / 2n : 0n),
    countUpTo(sequenceNumber) {
      const offset = sequenceNumber - start;
      return offset < step ? { count: 0, exact: false } : { count: Number(offset / step), exact: offset % step === 0n };
    },
  };
}

function awsStart(shardNumber: number, after: bigint | undefined): bigint {
  const base =
    after === undefined
      ? BigInt(300 + ((shardNumber * 7919) % 690)) * 10n ** 18n
      : (after / SHARD_DIGITS + 1n) * SHARD_DIGITS;
  return base + (BigInt(shardNumber) % SHARD_DIGITS);
}
