import { hasCode } from '../errors.js';
import type { Deletions, JournalState } from '../ports/index.js';
import { findTable } from '../table/wait-for-table.js';
import { whyNotArchivable } from '../table/why-not-archivable.js';
import { ignoreAbort } from './ignore-abort.js';
import type { RunContext } from './run-context.js';
import type { Source } from './source.js';
import { streamsBetween } from './streams-between.js';
import { afterTheLast, inOrderOfCreation, lastKnownStream, tableOf, unfinishedStreams } from './table-stream.js';

/** Milliseconds between two checks for the table's next stream, once the last one is read to its end. */
const INTERVAL = 5_000;

/** The streams of the table that have to be read, in the order of their creation. */
export class TableStreams {
  readonly #context: RunContext;
  readonly #options: { readonly table: string; readonly deletions: Deletions };
  readonly #read = new Set<string>();
  #ttlAttribute: string | undefined;

  constructor(context: RunContext, options: { readonly table: string; readonly deletions: Deletions }) {
    this.#context = context;
    this.#options = options;
  }

  /** The table's TTL attribute, as of the last check for streams. */
  get ttlAttribute(): string | undefined {
    return this.#ttlAttribute;
  }

  /** The stream has been read to its end. */
  markRead(stream: string): void {
    this.#read.add(stream);
  }

  /** At the start: unfinished streams of earlier runs, those that came and went since then, and the latest one. */
  async first(state: JournalState, { StreamArn, tableIsGone, ttlAttribute }: Source): Promise<string[]> {
    this.#ttlAttribute = ttlAttribute;
    const unfinished = unfinishedStreams(state).filter((stream) => this.#isOurs(stream, StreamArn));
    const between = await this.#between(state, tableIsGone ? afterTheLast(StreamArn) : StreamArn);
    return inOrderOfCreation([...unfinished, ...lastKnownStream(state, StreamArn), ...between, StreamArn]);
  }

  /** Waits until the table has a stream that has not been read yet; none when the signal aborts. */
  async next(state: JournalState): Promise<string[]> {
    const { clock, log, tables, retrier, signal } = this.#context;
    const { table, deletions } = this.#options;
    let isLogged = false;
    while (!signal.aborted) {
      const find = () => findTable({ tables, signal }, table);
      const description = await ignoreAbort(signal, retrier.attempt('DescribeTable', find, signal));
      const latest = description?.LatestStreamArn;
      if (description !== undefined && latest !== undefined && !this.#read.has(latest)) {
        const reason = whyNotArchivable(description, undefined, deletions === 'inferred' ? 'ttl' : deletions);
        if (reason !== undefined) throw reason;
        // On a table that has just been created TTL may not be on yet.
        this.#ttlAttribute = (await this.#findTtlAttribute()) ?? this.#ttlAttribute;
        return [...inOrderOfCreation(await this.#between(state, latest)), latest];
      }
      if (!isLogged && !signal.aborted) {
        isLogged = true;
        const deleted = 'table deleted, stream drained; waiting for it to be created again';
        const disabled = 'stream disabled and drained; waiting for a new one';
        if (description === undefined) log.warn({ event: 'table.deleted', TableName: table }, deleted);
        else log.warn({ event: 'stream.disabled', TableName: table }, disabled);
      }
      await clock.sleep(INTERVAL, signal);
    }
    return [];
  }

  async #findTtlAttribute(): Promise<string | undefined> {
    const { tables, retrier, signal } = this.#context;
    const describe = () =>
      tables.describeTimeToLive(this.#options.table, signal).catch((error: unknown) => {
        // The table was deleted again: its stream can still be read.
        if (hasCode(error, 'TABLE_NOT_FOUND')) return undefined;
        throw error;
      });
    return (await ignoreAbort(signal, retrier.attempt('DescribeTimeToLive', describe, signal)))?.attribute;
  }

  /** A stream of another region or account is not found here, which says nothing about its records. */
  #isOurs(stream: string, other: string): boolean {
    const ours = tableOf(stream) === tableOf(other);
    if (!ours) {
      const message = 'the archive has a stream of another region or account, which is not read from here';
      this.#context.log.warn({ event: 'stream.skipped', StreamArn: stream }, message);
    }
    return ours;
  }

  async #between(state: JournalState, latest: string): Promise<string[]> {
    const known = new Set([...state.checkpoints.keys(), ...this.#read]);
    return (await ignoreAbort(this.#context.signal, streamsBetween(this.#context, { known, latest }))) ?? [];
  }
}
