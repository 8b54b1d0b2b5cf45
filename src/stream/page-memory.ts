import type { ShardState } from '../shards/shard-state.js';

/** A page is in memory as it came and as it is written. */
const COPIES = 2;
/** Bytes of memory that a record takes besides: its objects, its entry and its line in the journal (measured, with what waits to be collected). */
const RECORD_MEMORY = 2500;
/** Bytes of a record in a page, before the shard's first one. */
const USUAL_RECORD = 600;

/** A shard of which no record was read. */
export const UNREAD = { recordBytes: undefined };

/**
 * Bytes of memory that a page of so many bytes takes while it is read and archived. It depends on the number of records in it,
 * which is estimated from the shard's last ones: a page of 1 MB has 1,000 small records, or a few large ones.
 */
export function pageMemory({ recordBytes = USUAL_RECORD }: Pick<ShardState, 'recordBytes'>, bytes: number): number {
  return Math.ceil(bytes * (COPIES + RECORD_MEMORY / recordBytes));
}

/** The same of the shard's next page; undefined before its first one. */
export function expectedMemory(shard: Pick<ShardState, 'pageBytes' | 'recordBytes'>): number | undefined {
  return shard.pageBytes === undefined ? undefined : pageMemory(shard, shard.pageBytes);
}
