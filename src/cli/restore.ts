import { resolve } from 'node:path';
import { nodeDisk } from '../disk/node-disk.js';
import { hasCode, TtlArchiveError } from '../errors.js';
import { escapeText, toJsonLine } from '../lib/escape.js';
import type { Log } from '../ports/index.js';
import { createFailureList, type FailureList } from '../restore/failure-list.js';
import { restoreItems } from '../restore/restore.js';
import type { RestoreCounts } from '../restore/restore-input.js';
import { type ArchiveToRead, openArchiveIfAny, openArchiveToRead } from './archive-to-read.js';
import { type Connected, withConnection } from './connect.js';
import type { Io } from './io.js';
import { createLog } from './logging.js';
import { notRestored } from './not-restored.js';
import { counted, formatCount } from './numbers.js';
import type { RestoreOptions } from './restore-options.js';
import { RestoreProgress } from './restore-progress.js';
import { refusePlain, restoreSources } from './restore-sources.js';
import { checkKey, describeTarget } from './restore-target.js';
import { createLiveLine } from './status-line.js';

const FAILURES_TOLD = 10;

/** Runs `restore`. Throws NOT_RESTORED when items failed. */
export async function runRestore(options: RestoreOptions, realIo: Io): Promise<void> {
  checkTimes(options);
  const liveLine = createLiveLine(realIo);
  const { io } = liveLine;
  const log = createLog(options, io);
  const open = options.files.length === 0 ? openArchiveToRead : openArchiveIfAny;
  const archive = await open(options.out, io);
  if (archive !== undefined && options.files.length === 0) refusePlain(archive, options.out);
  const table = options.table ?? archive?.facts.table;
  const progress = new RestoreProgress(options.dryRun === true);
  await withConnection(
    {
      options: { ...options, ...(table !== undefined && { table }) },
      io,
      log,
      // A missing table is created by `setup` alone, which has to be told the key.
      setUp: false,
      maxSockets: options.concurrency,
    },
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

function checkTimes({ since, until }: RestoreOptions): void {
  if (since === undefined || until === undefined || since <= until) return;
  const [from, to] = [since, until].map((time) => new Date(time).toISOString());
  throw new TtlArchiveError('USAGE', `--since (${from}) is later than --until (${to}).`, {
    remedy: 'Give the earlier time with --since; a duration is counted back from now, so 2d is earlier than 1d.',
  });
}

interface Job extends Connected {
  readonly archive: ArchiveToRead | undefined;
  readonly log: Log;
  readonly options: RestoreOptions;
  readonly io: Io;
  readonly progress: RestoreProgress;
}

async function restoreInto(job: Job): Promise<void> {
  const { tables, clock, signal, log, options, io, progress, archive } = job;
  const { ttl, rate, concurrency, overwrite = false, dryRun = false } = options;
  const description = await describeTarget(job);
  if (archive !== undefined && options.files.length === 0) await checkKey(archive, description);
  const attribute = await ttlAttributeOf(job);
  const { TableName: table } = description;
  if (typeof ttl === 'number' && attribute === undefined) {
    throw new TtlArchiveError('TABLE', `Table ${JSON.stringify(table)} has no TTL attribute to set.`, {
      remedy: 'Enable TTL on the table first, or leave --ttl out.',
    });
  }
  const keyNames = description.keySchema.map(({ name }) => name);
  const sources = await restoreSources({ ...job, keyNames });
  const failures = createFailureList(failureListPlace(job));
  try {
    await restoreItems({
      client: tables,
      table: description,
      sources,
      ttl: { rule: ttl, attribute },
      overwrite,
      dryRun,
      rate,
      concurrency,
      clock,
      random: Math.random,
      signal,
      onSource: ({ count }) => progress.begin(count),
      onFailed: async (failed) => {
        // The first ones say what is wrong; the file has them all.
        const level = progress.counts.failed < FAILURES_TOLD ? 'warn' : 'debug';
        log[level]({ event: 'restore.item-failed', file: failed.where, reason: failed.reason }, 'not restored');
        if (!dryRun) await failures.add(failed);
      },
      onProgress: (counts) => progress.take(counts),
    });
  } finally {
    await failures.close();
    warnOfExpired(job, attribute);
    io.stdout.write(summary(progress.counts, { table, options, failures, interrupted: signal.aborted }));
  }
  if (progress.counts.failed > 0) {
    throw notRestored({ ...job, failed: counted(progress.counts.failed, 'item'), list: failures.path });
  }
}

/** Items that fail are listed in the archive that they come from; without one, in the current folder, which is said. */
function failureListPlace({ archive, clock, io, log, options }: Job): Parameters<typeof createFailureList>[0] {
  if (options.failures !== undefined) return { disk: nodeDisk, path: resolve(io.cwd, options.failures) };
  const name = `restore-failed-${new Date(clock.now()).toISOString().replace(/[:.]/g, '-')}.ndjson`;
  if (archive !== undefined) return { disk: archive.disk, path: `${archive.state}/${name}` };
  const path = resolve(io.cwd, name);
  if (options.dryRun !== true)
    log.info({ event: 'restore.failure-list', failures: path }, 'items that fail will be listed here');
  return { disk: nodeDisk, path };
}

function warnOfExpired({ log, options, progress }: Job, attribute: string | undefined): void {
  const { expired } = progress.counts;
  if (expired === 0) return;
  const what = options.dryRun === true ? 'items would expire again at once' : 'restored items expire again at once';
  log.warn({ event: 'restore.expire-again', items: expired, attribute }, `${what}: use --ttl drop, or a duration`);
}

/** The attribute that would make a restored item expire again: the table's own, or else the archived table's. */
async function ttlAttributeOf({ tables, table, archive, log, signal }: Job): Promise<string | undefined> {
  const archived = archive?.facts.ttlAttribute;
  try {
    const { status, attribute } = await tables.describeTimeToLive(table, signal);
    return status === 'ENABLED' || status === 'ENABLING' ? attribute : archived;
  } catch (error) {
    if (!hasCode(error, 'ACCESS_DENIED') || archived === undefined) throw error;
    log.warn(
      { event: 'restore.ttl-not-described', attribute: archived },
      'DescribeTimeToLive is not permitted, taking the archived table’s TTL attribute',
    );
    return archived;
  }
}

function summary(
  { restored, skipped, failed, expired }: RestoreCounts,
  {
    table,
    options,
    failures,
    interrupted,
  }: { table: string; options: RestoreOptions; failures: FailureList; interrupted: boolean },
): string {
  const dryRun = options.dryRun === true;
  if (options.json === true) {
    const listed = failed > 0 && !dryRun ? { failures: failures.path } : {};
    return toJsonLine({ table, dryRun, interrupted, restored, skipped, failed, expired, ...listed });
  }
  const what = dryRun
    ? `would restore up to ${counted(restored, 'item')} into ${table}`
    : `restored ${counted(restored, 'item')} into ${table}`;
  const parts = [
    ...(interrupted ? ['interrupted'] : []),
    what,
    `${formatCount(skipped)} skipped (already in the table)`,
    `${formatCount(failed)} failed`,
  ];
  return `${escapeText(parts.join(', ').replace('interrupted, ', 'interrupted: '))}\n`;
}
