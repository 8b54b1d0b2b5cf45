import { type Change, eventIdOf, serialiseRecord } from './change-records.js';
import { type Filling, recordMaker } from './made-records.js';
import type { SimulatedShard, WrongListing } from './model-types.js';
import { TableModel } from './table-model.js';

/** A record that was put, as a test wants to know it. */
export interface PutRecord {
  readonly ShardId: string;
  readonly SequenceNumber: string;
  readonly eventID: string;
  /** What GetRecords sends. */
  readonly json: string;
}

/** Children of a split may be listed late: after so many DescribeStream calls, or milliseconds. */
export interface ListingDelay {
  readonly calls?: number;
  readonly ms?: number;
}

/**
 * Tables, their streams, shards and records, without any I/O. Everything may be changed while it is read; wrong use by
 * a test (an unknown shard, a put into a closed one) throws a plain Error.
 */
export class StreamModel extends TableModel {
  /** Puts changes into an open shard, in this order. */
  put(ShardId: string, ...changes: readonly Change[]): PutRecord[] {
    const shard = this.#openShard(ShardId);
    return changes.map((change) => {
      const index = shard.log.length;
      const at = change.at ?? this.now();
      const SequenceNumber = shard.sequenceNumbers.at(index);
      const eventID = eventIdOf(shard.number, index);
      const json = serialiseRecord(change, { ...this.#place(shard, at), eventID, SequenceNumber });
      shard.log.append(json, at);
      return { ShardId, SequenceNumber, eventID, json };
    });
  }

  /** Puts many records of one shape, serialised only when they are read: a million of them need no memory. */
  fill(ShardId: string, filling: Filling): void {
    const shard = this.#openShard(ShardId);
    const at = this.now();
    const make = recordMaker(filling, {
      place: this.#place(shard, at),
      keySchema: shard.stream.table.keySchema,
      ttlAttribute: shard.stream.table.ttlAttribute ?? 'ttl',
      shardNumber: shard.number,
      sequenceNumberAt: (index) => shard.sequenceNumbers.at(index),
    });
    shard.log.appendMade(filling.count, at, make);
  }

  /** Closes an open shard without children. */
  close(ShardId: string): void {
    this.#openShard(ShardId).closedAt = this.now();
  }

  /** Closes a shard and opens its two children (`children: 1`: a rollover). */
  split(ShardId: string, { children = 2, late }: { children?: 1 | 2; late?: ListingDelay } = {}): string[] {
    const parent = this.#openShard(ShardId);
    parent.closedAt = this.now();
    const opened = Array.from({ length: children }, () => this.openShard(parent.stream, parent));
    if (late) for (const child of opened) child.hidden = this.#wrongListing(late);
    return opened.map((child) => child.ShardId);
  }

  /** Closes a shard and opens one child, as DynamoDB does every four hours. */
  rollover(ShardId: string, late?: ListingDelay): string {
    const [child] = this.split(ShardId, { children: 1, ...(late && { late }) });
    return child ?? '';
  }

  /** Trims the records before this SequenceNumber, or all that the shard has. */
  trim(ShardId: string, beforeSequence?: string): void {
    const shard = this.shard(ShardId);
    const { length } = shard.log;
    if (beforeSequence === undefined) this.#trimTo(shard, length);
    else {
      const { count, exact } = shard.sequenceNumbers.countUpTo(BigInt(beforeSequence));
      this.#trimTo(shard, Math.min(length, exact ? count - 1 : count));
    }
  }

  /** Trims what is older than `ms` in all streams, and removes shards that closed before that. */
  trimByAge(ms: number): void {
    const horizon = this.now() - ms;
    for (const shard of this.shards) {
      if (shard.removed) continue;
      let index = shard.trimmed;
      while (index < shard.log.length && shard.log.at(index) < horizon) index += 1;
      this.#trimTo(shard, index);
      if (shard.closedAt !== undefined && shard.closedAt < horizon) this.removeShard(shard.ShardId);
    }
  }

  /** Takes a shard out of the stream: not listed, and ResourceNotFoundException for whoever asks for it. */
  removeShard(ShardId: string): void {
    const shard = this.shard(ShardId);
    shard.removed = true;
    shard.stream.shards = shard.stream.shards.filter((other) => other !== shard);
    this.#trimTo(shard, shard.log.length);
  }

  /** Whoever has read all that is in the shard now gets `pages` empty pages before the records that are put later. */
  emptyPages(ShardId: string, pages: number): void {
    const { emptyPages, log } = this.shard(ShardId);
    emptyPages.set(log.length, (emptyPages.get(log.length) ?? 0) + pages);
  }

  /** Lets all iterators of a shard (default: of all shards) expire that were handed out so far. */
  expireIterators(ShardId?: string): void {
    for (const shard of ShardId === undefined ? this.shards : [this.shard(ShardId)]) shard.generation += 1;
  }

  /** Leaves a shard out of DescribeStream for a while (default: until `show`); it stays readable. */
  hide(ShardId: string, delay: ListingDelay = {}): void {
    this.shard(ShardId).hidden = this.#wrongListing(delay);
  }

  /** Lists a closed shard as if it were open, for a while (default: until `show`). */
  showOpen(ShardId: string, delay: ListingDelay = {}): void {
    this.shard(ShardId).shownOpen = this.#wrongListing(delay);
  }

  /** Ends `hide` and `showOpen`. */
  show(ShardId: string): void {
    const shard = this.shard(ShardId);
    shard.hidden = undefined;
    shard.shownOpen = undefined;
  }

  /** The records of a shard that are not trimmed, as GetRecords sends them. */
  *records(ShardId: string): Generator<string> {
    const { log, trimmed } = this.shard(ShardId);
    for (let index = trimmed; index < log.length; index += 1) yield log.json(index);
  }

  #openShard(ShardId: string): SimulatedShard {
    const shard = this.shard(ShardId);
    if (shard.closedAt !== undefined) throw new Error(`The shard ${ShardId} is closed.`);
    return shard;
  }

  #place(shard: SimulatedShard, at: number) {
    const { stream } = shard;
    const keyNames = stream.table.keySchema.map(({ name }) => name);
    return { at, awsRegion: this.region, viewType: stream.viewType, keyNames };
  }

  #trimTo(shard: SimulatedShard, index: number): void {
    shard.trimmed = Math.max(shard.trimmed, index);
    shard.log.drop(shard.trimmed);
  }

  #wrongListing({ calls, ms }: ListingDelay): WrongListing {
    return { calls: calls ?? Infinity, until: ms === undefined ? Infinity : this.now() + ms };
  }
}
