import { exitStatusOf, TtlArchiveError } from '../errors.js';
import { shellWord } from '../lib/shell-word.js';
import type { Clock, Log, Random } from '../ports/index.js';
import { continueProgress } from './sum-progress.js';
import type { TableOutcome, TableProgress } from './tables-summary.js';
import type { WatchRun } from './watch-run.js';

/** Milliseconds before the second attempt; the wait doubles with each further one. */
const FIRST_WAIT = 10_000;
const LONGEST_WAIT = 5 * 60_000;
/** A run that lasted so long, in milliseconds, was a success: the next wait is the first one again. */
const LONG_RUN = LONGEST_WAIT;

interface Context {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

interface Options {
  readonly table: string;
  readonly once: boolean;
  /** Ends the watching of all tables. */
  readonly signal: AbortSignal;
  /** A new run of the table, which the signal ends. */
  readonly createRun: (signal: AbortSignal) => WatchRun;
}

/** One of the tables that are watched. When its run fails, it is logged and started again, unless `once` is given. */
export class WatchedTable {
  readonly #context: Context;
  readonly #options: Options;
  readonly #left = new AbortController();
  readonly #signal: AbortSignal;
  #run: WatchRun;
  #failure: { readonly error: unknown } | undefined;
  #earlier: TableProgress['progress'] | undefined;
  #outcome: Partial<TableOutcome> = {};

  constructor(context: Context, options: Options) {
    this.#context = context;
    this.#options = options;
    this.#signal = AbortSignal.any([options.signal, this.#left.signal]);
    this.#run = options.createRun(this.#signal);
  }

  progress(): TableProgress {
    const { table } = this.#options;
    const present = this.#run.progress();
    const progress = this.#earlier === undefined ? present : continueProgress(this.#earlier, present);
    return { table, progress, isFailing: this.#failure !== undefined && !present.isReady };
  }

  /** The table has no stream now that could be read. */
  get isWaiting(): boolean {
    return this.#run.isWaiting || this.progress().isFailing;
  }

  /** Ends the watching of this table. */
  leave(): void {
    this.#left.abort();
  }

  /** Watches until the signal aborts, or with `once` to the end of one run. Never rejects. */
  async watch(): Promise<TableOutcome> {
    const { clock, random } = this.#context;
    const { once } = this.#options;
    for (let failures = 0; ; ) {
      const startedAt = clock.monotonic();
      try {
        const { interrupted, uploadFailure } = await this.#run.run();
        this.#failure = undefined;
        this.#outcome = { interrupted, ...(uploadFailure !== undefined && { uploadFailure }) };
        break;
      } catch (error) {
        failures = clock.monotonic() - startedAt >= LONG_RUN ? 1 : failures + 1;
        this.#report(error, once);
        this.#failure = { error };
      }
      const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(failures - 1, 10));
      if (!once) await clock.sleep(wait * (0.75 + random() / 2), this.#signal);
      if (once || this.#signal.aborted) break;
      this.#earlier = this.progress().progress;
      this.#run = this.#options.createRun(this.#signal);
    }
    const { table, progress, isFailing } = this.progress();
    const failure = isFailing && this.#failure !== undefined ? { failure: this.#failure.error } : {};
    return { table, progress, interrupted: true, ...this.#outcome, ...failure };
  }

  /** Logs a failure, unless the attempt before failed for the same reason. */
  #report(error: unknown, isLast: boolean): void {
    const reason = error instanceof Error ? error.message : String(error);
    const before = this.#failure?.error;
    if (before instanceof Error && before.message === reason) return;
    const { code = 'INTERNAL', remedy, commands = [] } = error instanceof TtlArchiveError ? error : {};
    const next = commands.map(({ program, args }) => [program, ...args].map(shellWord).join(' '));
    const facts = {
      code,
      status: exitStatusOf(error),
      reason,
      ...(remedy !== undefined && { remedy }),
      ...(next.length > 0 && { commands: next }),
    };
    const message = isLast ? 'the table is not archived' : 'the table is not archived; trying again from time to time';
    this.#context.log.error({ event: 'table.failed', ...facts }, message);
  }
}
