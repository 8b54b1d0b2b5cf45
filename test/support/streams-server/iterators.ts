import { ServiceError } from './service-error.js';

/** What a shard iterator stands for. The server keeps no iterators: each carries all that it means. */
export interface Iterator {
  readonly StreamArn: string;
  readonly shardNumber: number;
  /** Index of the next record. */
  readonly position: number;
  /** Index of the record that it was asked for: trimmed together with that one. */
  readonly base: number;
  /** Empty pages already answered at this position. */
  readonly emptied: number;
  /** Epoch milliseconds. */
  readonly issuedAt: number;
  /** Dies when the shard's own generation is a later one. */
  readonly generation: number;
}

export function encodeIterator(iterator: Iterator): string {
  const { StreamArn, shardNumber, position, base, emptied, issuedAt, generation } = iterator;
  const numbers = [shardNumber, position, base, emptied, issuedAt, generation].join('.');
  return `${StreamArn}|1|${Buffer.from(numbers).toString('base64')}`;
}

/** Throws ServiceError ValidationException for anything that encodeIterator did not make. */
export function decodeIterator(text: unknown): Iterator {
  const [StreamArn, , encoded] = typeof text === 'string' ? text.split('|') : [];
  const numbers = Buffer.from(encoded ?? '', 'base64')
    .toString()
    .split('.')
    .map(Number);
  const [shardNumber, position, base, emptied, issuedAt, generation] = numbers;
  if (
    StreamArn === undefined ||
    shardNumber === undefined ||
    position === undefined ||
    base === undefined ||
    emptied === undefined ||
    issuedAt === undefined ||
    generation === undefined ||
    !numbers.every(Number.isFinite)
  ) {
    throw new ServiceError('ValidationException', 'Invalid ShardIterator');
  }
  return { StreamArn, shardNumber, position, base, emptied, issuedAt, generation };
}
