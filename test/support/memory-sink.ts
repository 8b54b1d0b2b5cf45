import type { ChangeRecord, Checkpoint, Gap, Heartbeat, JournalLine, Position } from '../../src/ports/index.js';
import type { DeliveredPage } from '../../src/shards/effects.js';
import type { PageSink, PageWrite } from '../../src/stream/reader-context.js';

export interface MemorySinkOptions {
  /** The shard that has to be read to its end before this one; undefined when there is none, or it is gone. */
  readonly parentOf?: (ShardId: string) => string | undefined;
  /** What writing a page takes; a rejection is the disk's. */
  readonly write?: (page: DeliveredPage) => Promise<void>;
}

/**
 * A journal and an archive in memory. It checks the reader's promises on every delivery: the records of a shard come in
 * order and once only, no record of a child comes before its parent's end, at most two pages of a shard are being written,
 * and checkpoints only move forward. A broken promise rejects the delivery and stays in `broken`.
 */
export class MemorySink implements PageSink {
  readonly pages: DeliveredPage[] = [];
  readonly lines: JournalLine[] = [];
  /** By ShardId: the last durable checkpoint. */
  readonly checkpoints = new Map<string, Checkpoint>();
  readonly broken: string[] = [];
  /** The most pages that were being written at one moment. */
  maxWriting = 0;
  readonly #options: MemorySinkOptions;
  readonly #records = new Map<string, ChangeRecord[]>();
  readonly #eventIDs = new Set<string>();
  readonly #writing = new Map<DeliveredPage, string>();

  constructor(options: MemorySinkOptions = {}) {
    this.#options = options;
  }

  get gaps(): Gap[] {
    return this.lines.filter((line) => line.type === 'gap');
  }

  /** ShardIds in the order in which their ends came. */
  get ended(): string[] {
    return this.lines
      .filter((line) => line.type === 'checkpoint')
      .filter(({ position }) => position === 'SHARD_END')
      .map(({ ShardId }) => ShardId);
  }

  /** What was delivered of a shard, in order. */
  records(ShardId: string): readonly ChangeRecord[] {
    return this.#records.get(ShardId) ?? [];
  }

  /** eventIDs in the order of their delivery, of one shard or of all. */
  eventIDs(ShardId?: string): string[] {
    return ShardId === undefined ? [...this.#eventIDs] : this.records(ShardId).map(({ eventID }) => eventID);
  }

  archive(page: DeliveredPage, turn: Promise<void>): PageWrite {
    const done = this.#archive(page, turn);
    return { done, next: done };
  }

  async #archive(page: DeliveredPage, turn: Promise<void>): Promise<void> {
    const { ShardId, records, checkpoint } = page;
    const others = [...this.#writing.values()].filter((other) => other === ShardId).length;
    this.#demand(others < 2, `three pages of ${ShardId} are written at once`);
    this.#writing.set(page, ShardId);
    this.maxWriting = Math.max(this.maxWriting, this.#writing.size);
    try {
      await this.#options.write?.(page);
      await turn;
    } finally {
      this.#writing.delete(page);
    }
    this.#checkRecords(page);
    this.#keep(checkpoint);
    this.pages.push(page);
    this.lines.push({ type: 'checkpoint', ...checkpoint });
    this.#records.set(ShardId, [...this.records(ShardId), ...records]);
    for (const { eventID } of records) this.#eventIDs.add(eventID);
  }

  async commit(lines: readonly JournalLine[]): Promise<void> {
    for (const line of lines) if (line.type === 'checkpoint') this.#keep(line);
    this.lines.push(...lines);
  }

  checkpointLazily(checkpoint: Checkpoint): void {
    this.#keep(checkpoint);
  }

  /** What the journal makes of a heartbeat. */
  beat({ at, behind, dropped = [] }: Pick<Heartbeat, 'at' | 'behind' | 'dropped'>): void {
    for (const ShardId of dropped) this.checkpoints.delete(ShardId);
    for (const [ShardId, checkpoint] of this.checkpoints) {
      const idle = checkpoint.position !== 'SHARD_END' && !behind.includes(ShardId);
      if (idle && (checkpoint.caughtUpAt ?? '') < at) this.checkpoints.set(ShardId, { ...checkpoint, caughtUpAt: at });
    }
  }

  /** What the next run starts with. */
  known(): Map<string, Checkpoint> {
    return new Map(this.checkpoints);
  }

  #checkRecords({ ShardId, records, checkpoint }: DeliveredPage): void {
    this.#demand(this.checkpoints.get(ShardId)?.position !== 'SHARD_END', `a page of ${ShardId} comes after its end`);
    let previous = this.records(ShardId).at(-1)?.dynamodb.SequenceNumber ?? '-1';
    for (const { eventID, dynamodb } of records) {
      this.#demand(!this.#eventIDs.has(eventID), `${eventID} comes twice`);
      const inOrder = BigInt(dynamodb.SequenceNumber) > BigInt(previous);
      this.#demand(inOrder, `${dynamodb.SequenceNumber} comes after ${previous} in ${ShardId}`);
      previous = dynamodb.SequenceNumber;
    }
    const { position } = checkpoint;
    this.#demand(
      position === 'SHARD_END' || (records.length > 0 && position === previous),
      `the checkpoint of ${ShardId} is not at its last record`,
    );
    const parent = this.#options.parentOf?.(ShardId);
    const free = parent === undefined || this.checkpoints.get(parent)?.position === 'SHARD_END';
    this.#demand(free, `records of ${ShardId} come before the end of its parent ${parent}`);
  }

  #keep(checkpoint: Checkpoint): void {
    const { ShardId, position, caughtUpAt } = checkpoint;
    const before = this.checkpoints.get(ShardId);
    const forward = before === undefined || rank(position) >= rank(before.position);
    this.#demand(forward, `the checkpoint of ${ShardId} moves back from ${before?.position} to ${position}`);
    const known = before?.caughtUpAt === undefined || (caughtUpAt !== undefined && caughtUpAt >= before.caughtUpAt);
    this.#demand(known, `${ShardId} was caught up at ${before?.caughtUpAt}, and then at ${caughtUpAt}`);
    this.checkpoints.set(ShardId, checkpoint);
  }

  #demand(kept: boolean, otherwise: string): void {
    if (kept) return;
    this.broken.push(otherwise);
    throw new Error(`A promise is broken: ${otherwise}.`);
  }
}

function rank(position: Position): bigint {
  if (position === 'TRIM_HORIZON' || position === 'LATEST') return -1n;
  return position === 'SHARD_END' ? 10n ** 40n : BigInt(position);
}
