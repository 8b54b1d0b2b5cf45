import { TtlArchiveError } from '../errors.js';
import { createFairLimiter } from '../lib/limiter.js';
import { tableNameOf } from '../lib/table-arn.js';
import type { Log } from '../ports/index.js';
import { CONCURRENT_FILES_OF_TABLES } from '../store/file-store.js';
import { InFlightBudget } from '../stream/in-flight-budget.js';
import { ENDLESS, ONCE, Retrier } from '../stream/retry.js';
import { archiveDestination } from './archive-destination.js';
import { type FoundTables, TableFinder } from './find-tables.js';
import { DEFAULT_CONCURRENCY, type WatchRunOptions, withDefaults } from './options.js';
import type { SharedByTables, WatchContext } from './run-context.js';
import { shareClients } from './shared-clients.js';
import { checkFolderName, isFolderName, refuseArchive } from './table-folder.js';
import type { WatchTablesOptions } from './tables-options.js';
import type { TableOutcome, TableProgress, TablesSummary } from './tables-summary.js';
import { WatchRun } from './watch-run.js';
import { WatchedTable } from './watched-table.js';

/** Milliseconds between two lists of the tables. What a new table's stream holds meanwhile is kept for 24 hours. */
const INTERVAL = 2 * 60_000;

/** Names that are logged because they are none for folders: a list may be full of them. */
const MAX_SKIPPED = 100;

interface Entry {
  readonly table: WatchedTable;
  readonly outcome: Promise<TableOutcome>;
  /** The user named it: it is never left. */
  readonly isNamed: boolean;
  isLeaving?: true;
}

/** One run of `watch` for several tables: finds them, and has each one watched. */
export class TablesRun {
  readonly #options: WatchTablesOptions;
  readonly #context: WatchContext;
  readonly #shared: SharedByTables;
  readonly #limitFiles = createFairLimiter(CONCURRENT_FILES_OF_TABLES);
  readonly #clients: ReturnType<typeof shareClients>;
  readonly #entries = new Map<string, Entry>();
  /** The names that were logged because they are none for folders. */
  readonly #skipped = new Set<string>();
  readonly #failed = new AbortController();
  readonly #signal: AbortSignal;
  readonly #startedAt: number;

  constructor(options: WatchTablesOptions, context: WatchContext) {
    this.#options = options;
    this.#context = context;
    this.#startedAt = context.clock.monotonic();
    const budget = new InFlightBudget(options.concurrency ?? DEFAULT_CONCURRENCY);
    this.#shared = { budget, loggedFailures: new Map() };
    this.#clients = shareClients(context, context.clock);
    this.#signal = AbortSignal.any([this.#failed.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  }

  progress(): readonly TableProgress[] {
    return this.#sorted().map(({ table }) => table.progress());
  }

  async run(): Promise<TablesSummary> {
    const { disk, clock, streams, tables } = this.#context;
    const { tables: named = [], patterns = [], tags = [], out } = this.#options;
    try {
      for (const table of named) checkFolderName(tableNameOf(table));
      await refuseArchive(disk, out);
      for (const table of named) this.#add(tableNameOf(table), table, true);
      if (patterns.length + tags.length > 0) await this.#keepFinding();
      else if (named.length === 0) throw noTables();
      const outcomes = await Promise.all(this.#sorted().map(({ outcome }) => outcome));
      return { tables: outcomes, elapsedMs: Math.round(clock.monotonic() - this.#startedAt) };
    } catch (error) {
      this.#failed.abort(error);
      await Promise.all(this.#sorted().map(({ outcome }) => outcome));
      throw error;
    } finally {
      streams.close();
      tables.close();
    }
  }

  #sorted(): Entry[] {
    return [...this.#entries].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
  }

  /** @param table Its name or ARN. */
  #add(name: string, table: string, isNamed: boolean): void {
    if (this.#entries.has(name)) return;
    const { random, clock } = this.#context;
    const { once = false } = this.#options;
    const log = tableLog(this.#context.log, name);
    const shared = { ...this.#shared, limitFiles: this.#limitFiles() };
    const createRun = (signal: AbortSignal) => {
      const options = { ...this.#optionsOf(name, table), signal };
      const context = { ...this.#context, ...this.#clients(), log, ...shared };
      return new WatchRun(options, context, archiveDestination(options));
    };
    const watched = new WatchedTable({ clock, random, log }, { table: name, once, signal: this.#signal, createRun });
    this.#entries.set(name, { table: watched, outcome: watched.watch(), isNamed });
  }

  #optionsOf(name: string, table: string): WatchRunOptions {
    const { tables: _, patterns: _patterns, tags: _tags, onArchived, upload, ...options } = this.#options;
    return withDefaults({
      ...options,
      table,
      out: `${options.out}/${name}`,
      ...(upload !== undefined && { upload: { ...upload, to: `${upload.to.replace(/\/+$/, '')}/${name}` } }),
      ...(onArchived !== undefined && { onArchived: (items) => onArchived(items, name) }),
    });
  }

  /** Looks for tables from time to time until the signal aborts; with `once` only once. The first time must not fail. */
  async #keepFinding(): Promise<void> {
    const { clock, log, random } = this.#context;
    const { once = false } = this.#options;
    const { tables } = this.#clients();
    const retrier = new Retrier({ clock, random, log }, once ? ONCE : ENDLESS);
    const finder = new TableFinder({ tables, retrier, signal: this.#signal }, this.#options);
    for (let isFirst = true; !this.#signal.aborted; isFirst = false) {
      try {
        this.#adopt(await finder.find(), isFirst);
      } catch (error) {
        if (this.#signal.aborted) return;
        if (isFirst || !(error instanceof TtlArchiveError)) throw error;
        const { code, message: reason } = error;
        log.warn(
          { event: 'tables.not-listed', code, reason },
          'the tables could not be listed: new ones are not found',
        );
      }
      if (once) return;
      await clock.sleep(INTERVAL, this.#signal);
    }
  }

  #adopt({ existing, chosen }: FoundTables, isFirst: boolean): void {
    const { log } = this.#context;
    const { once = false } = this.#options;
    for (const name of chosen) {
      if (isFolderName(name)) {
        if (!this.#entries.has(name)) log.info({ event: 'table.found', TableName: name }, 'found a table');
        this.#add(name, name, false);
      } else this.#skip(name);
    }
    const isChosen = new Set(chosen);
    for (const [name, entry] of this.#entries) {
      const { table, outcome, isNamed, isLeaving = false } = entry;
      if (isNamed || isLeaving || isChosen.has(name)) continue;
      // The stream of a deleted table is read to its end first.
      if (!existing.has(name) && !table.isWaiting) continue;
      const why = existing.has(name) ? 'not chosen any more' : 'deleted';
      log.info({ event: 'table.left', TableName: name, why }, 'the table is not watched any more');
      entry.isLeaving = true;
      table.leave();
      // Until then it holds the lock of its archive.
      void outcome.then(() => this.#entries.delete(name));
    }
    if (this.#entries.size > 0 || !isFirst) return;
    if (once) throw noneFound();
    log.warn({ event: 'tables.none-found' }, 'no table matches; waiting for one');
  }

  /** The name comes from a list and may be anything. */
  #skip(name: string): void {
    if (this.#skipped.has(name) || this.#skipped.size === MAX_SKIPPED) return;
    this.#skipped.add(name);
    const TableName = name.slice(0, 255);
    this.#context.log.error(
      { event: 'table.skipped', TableName },
      'the table is not archived: its name is none for a folder',
    );
  }
}

/** The lines of one table among several. */
function tableLog(lines: Log, table: string): Log {
  const at =
    (level: keyof Log): Log['info'] =>
    ({ event, ...facts }, message) =>
      lines[level]({ event, table, ...facts }, message);
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function noTables(): TtlArchiveError {
  return new TtlArchiveError('USAGE', 'No table is named, and no pattern or tag chooses any.', {
    remedy: 'Name a table, or give a pattern or a tag.',
  });
}

function noneFound(): TtlArchiveError {
  return new TtlArchiveError('TABLE_NOT_FOUND', 'No table matches.', {
    remedy: 'Check the pattern, the tags, the region and the endpoint.',
  });
}
