import { hasCode } from '../errors.js';
import type { Deletions, JournalState } from '../ports/index.js';
import { findTable } from '../table/wait-for-table.js';
import { whyNotArchivable } from '../table/why-not-archivable.js';
import { ignoreAbort } from './ignore-abort.js';
import type { Source } from './resolve-stream.js';
import type { RunContext } from './run-context.js';
import { streamsBetween } from './streams-between.js';
import { afterTheLast, inOrderOfCreation, lastKnownStream, tableOf, unfinishedStreams } from './table-stream.js';

/** Milliseconds between two looks for the table's next stream, once the last one is read to its end. */
const NEXT_STREAM = 5_000;

/** Says which streams of the table are to be read, in the order of their creation. */
export class TableStreams {
  readonly #tools: RunContext;
  readonly #options: { readonly table: string; readonly deletions: Deletions };
  readonly #read = new Set<string>();
  #ttlAttribute: string | undefined;

  constructor(tools: RunContext, options: { readonly table: string; readonly deletions: Deletions }) {
    this.#tools = tools;
    this.#options = options;
  }

  /** The table's TTL attribute, as it was when streams were last looked for. */
  get ttlAttribute(): string | undefined {
    return this.#ttlAttribute;
  }

  /** The stream has been read to its end. */
  markRead(stream: string): void {
    this.#read.add(stream);
  }

  /** What a start has to read: streams of earlier runs that have more, those that came and went since, the latest one. */
  async first(state: JournalState, { StreamArn, tableIsGone, ttlAttribute }: Source): Promise<string[]> {
    this.#ttlAttribute = ttlAttribute;
    const unfinished = unfinishedStreams(state).filter((stream) => this.#isOurs(stream, StreamArn));
    const between = await this.#between(state, tableIsGone ? afterTheLast(StreamArn) : StreamArn);
    return inOrderOfCreation([...unfinished, ...lastKnownStream(state, StreamArn), ...between, StreamArn]);
  }

  /** Waits until the table has a stream that has not been read yet; none when the signal came first. */
  async next(state: JournalState): Promise<string[]> {
    const { clock, log, tables, retrier, signal } = this.#tools;
    const { table, deletions } = this.#options;
    let told = false;
    while (!signal.aborted) {
      const ask = () => findTable({ tables, signal }, table);
      const description = await ignoreAbort(signal, retrier.attempt('DescribeTable', ask, signal));
      const latest = description?.LatestStreamArn;
      if (description !== undefined && latest !== undefined && !this.#read.has(latest)) {
        const reason = whyNotArchivable(description, undefined, deletions === 'inferred' ? 'ttl' : deletions);
        if (reason !== undefined) throw reason;
        // On a table that has just been created TTL may not be on yet.
        this.#ttlAttribute = (await this.#findTtlAttribute()) ?? this.#ttlAttribute;
        return [...inOrderOfCreation(await this.#between(state, latest)), latest];
      }
      if (!told && !signal.aborted) {
        if (description === undefined) {
          log.warn(
            { event: 'table.deleted', TableName: table },
            'table deleted, stream drained; waiting for it to be created again',
          );
        } else {
          log.warn(
            { event: 'stream.disabled', TableName: table },
            'stream disabled and drained; waiting for a new one',
          );
        }
        told = true;
      }
      await clock.sleep(NEXT_STREAM, signal);
    }
    return [];
  }

  async #findTtlAttribute(): Promise<string | undefined> {
    const { tables, retrier, signal } = this.#tools;
    const ask = () =>
      tables.describeTimeToLive(this.#options.table, signal).catch((error: unknown) => {
        // It was deleted again: its stream is there to be read all the same.
        if (hasCode(error, 'TABLE_NOT_FOUND')) return undefined;
        throw error;
      });
    return (await ignoreAbort(signal, retrier.attempt('DescribeTimeToLive', ask, signal)))?.attribute;
  }

  /** Where a stream of another region or account is asked for, it does not exist; that says nothing of its records. */
  #isOurs(stream: string, other: string): boolean {
    const ours = tableOf(stream) === tableOf(other);
    if (!ours) {
      this.#tools.log.warn(
        { event: 'stream.skipped', StreamArn: stream },
        'the archive has a stream of another region or account, which is not read from here',
      );
    }
    return ours;
  }

  async #between(state: JournalState, latest: string): Promise<string[]> {
    const known = new Set([...state.checkpoints.keys(), ...this.#read]);
    return (await ignoreAbort(this.#tools.signal, streamsBetween(this.#tools, { known, latest }))) ?? [];
  }
}
