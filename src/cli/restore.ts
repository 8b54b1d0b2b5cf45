import { resolve } from 'node:path';
import { createFailureList, type FailureList } from '../archive/failure-list.js';
import { type RestoreCounts, restoreItems } from '../archive/restore.js';
import type { TtlRule } from '../archive/restore-ttl.js';
import { nodeDisk } from '../disk/node-disk.js';
import { hasCode, TtlArchiveError } from '../errors.js';
import type { Log } from '../ports.js';
import { type ArchiveToRead, openArchiveIfAny, openArchiveToRead } from './archive-to-read.js';
import type { ConnectionOptions } from './command.js';
import { type Connected, withConnection } from './connect.js';
import { escapeText, toJsonLine } from './escape.js';
import type { Io } from './io.js';
import { createLog } from './logging.js';
import { formatCount } from './numbers.js';
import { RestoreProgress } from './restore-progress.js';
import { refusePlain, restoreSources } from './restore-sources.js';
import { createLiveLine } from './status-line.js';

export interface RestoreOptions extends ConnectionOptions {
  readonly files: readonly string[];
  readonly out: string;
  readonly key?: string;
  /** Epoch milliseconds, as `until`. */
  readonly since?: number;
  readonly until?: number;
  readonly allVersions?: boolean;
  readonly overwrite?: boolean;
  readonly ttl: TtlRule;
  readonly dryRun?: boolean;
  readonly rate?: number;
  readonly concurrency: number;
  readonly json?: boolean;
}

const FAILURES_TOLD = 10;

/** Runs `restore`. Throws NOT_RESTORED when items failed. */
export async function runRestore(options: RestoreOptions, realIo: Io): Promise<void> {
  const liveLine = createLiveLine(realIo);
  const { io } = liveLine;
  const log = await createLog(options, io);
  const open = options.files.length === 0 ? openArchiveToRead : openArchiveIfAny;
  const archive = await open(options.out, io);
  if (archive !== undefined && options.files.length === 0) refusePlain(archive, options.out);
  const table = options.table ?? archive?.facts.table;
  const progress = new RestoreProgress(options.dryRun === true);
  await withConnection(
    { options: { ...options, ...(table !== undefined && { table }) }, io, log, setUp: true },
    async (connected) => {
      liveLine.start(() => progress.text());
      try {
        await restoreInto({ ...connected, archive, log, options, io, progress });
      } finally {
        liveLine.stop();
      }
    },
  );
}

interface Job extends Connected {
  readonly archive: ArchiveToRead | undefined;
  readonly log: Log;
  readonly options: RestoreOptions;
  readonly io: Io;
  readonly progress: RestoreProgress;
}

async function restoreInto(job: Job): Promise<void> {
  const { tables, table, clock, signal, log, options, io, progress } = job;
  const { ttl, rate, concurrency, overwrite = false, dryRun = false } = options;
  const description = await tables.describeTable(table, signal);
  const attribute = await ttlAttributeOf(job);
  if (typeof ttl === 'number' && attribute === undefined) {
    throw new TtlArchiveError('TABLE', `Table ${JSON.stringify(table)} has no TTL attribute to set.`, {
      remedy: 'Enable TTL on the table first, or leave --ttl out.',
    });
  }
  const keyNames = description.keySchema.map(({ name }) => name);
  const sources = await restoreSources({ ...job, keyNames });
  const time = new Date(clock.now()).toISOString().replace(/[:.]/g, '-');
  const failures = createFailureList({ disk: nodeDisk, path: resolve(io.cwd, `restore-failed-${time}.ndjson`) });
  try {
    for (const { source, versions } of sources) {
      progress.begin(source.count);
      await restoreItems({
        client: tables,
        table: description,
        source,
        versions,
        ttl: { rule: ttl, attribute },
        overwrite,
        dryRun,
        rate,
        concurrency,
        clock,
        random: Math.random,
        signal,
        onFailed: async (failed) => {
          // The first ones say what is wrong; the file has them all.
          const level = progress.counts.failed < FAILURES_TOLD ? 'warn' : 'debug';
          log[level]({ file: failed.where, reason: failed.reason }, 'not restored');
          if (!dryRun) await failures.add(failed);
        },
        onProgress: (counts) => progress.take(counts),
      });
    }
  } finally {
    await failures.close();
    io.stdout.write(summary(progress.counts, { table, options, failures }));
  }
  if (progress.counts.failed > 0) throw notRestored(progress.counts, failures, options);
}

/** The attribute that would make a restored item expire again: the table's own, or else the archived table's. */
async function ttlAttributeOf({ tables, table, archive, log, signal }: Job): Promise<string | undefined> {
  const archived = archive?.facts.ttlAttribute;
  try {
    const { status, attribute } = await tables.describeTimeToLive(table, signal);
    return status === 'ENABLED' || status === 'ENABLING' ? attribute : archived;
  } catch (error) {
    if (!hasCode(error, 'ACCESS_DENIED') || archived === undefined) throw error;
    log.warn({ attribute: archived }, 'DescribeTimeToLive is not permitted, taking the archived table’s TTL attribute');
    return archived;
  }
}

function summary(
  { restored, skipped, failed }: RestoreCounts,
  { table, options, failures }: { table: string; options: RestoreOptions; failures: FailureList },
): string {
  const dryRun = options.dryRun === true;
  const listed = failed > 0 && !dryRun ? { failures: failures.path } : {};
  if (options.json === true) return toJsonLine({ table, dryRun, restored, skipped, failed, ...listed });
  const [what, alive] = dryRun
    ? [`would restore ${countItems(restored)} into ${table}, unless they are alive`, '']
    : [`restored ${countItems(restored)} into ${table}`, `, skipped ${formatCount(skipped)} that are alive`];
  return `${escapeText(`${what}${alive}, ${formatCount(failed)} failed`)}\n`;
}

function notRestored({ failed }: RestoreCounts, failures: FailureList, options: RestoreOptions): TtlArchiveError {
  if (options.dryRun === true) {
    return new TtlArchiveError('NOT_RESTORED', `${countItems(failed)} could not be restored.`, {
      remedy: 'See what is wrong with the archive:',
      commands: [{ program: 'ttl-archive', args: ['verify', '--out', options.out] }],
    });
  }
  return new TtlArchiveError('NOT_RESTORED', `${countItems(failed)} not restored.`, {
    remedy: `Mend what is wrong, then give restore the list with the reasons: ${escapeText(failures.path)}`,
  });
}

function countItems(count: number): string {
  return count === 1 ? '1 item' : `${formatCount(count)} items`;
}
