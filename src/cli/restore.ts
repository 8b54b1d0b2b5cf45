import { resolve } from 'node:path';
import { nodeDisk } from '../disk/node-disk.js';
import { TtlArchiveError } from '../errors.js';
import { systemClock } from '../lib/system-clock.js';
import type { Log } from '../ports/index.js';
import type { ArchiveToRead } from '../reading/archive-to-read.js';
import { chooseArchive } from '../reading/choose-archive.js';
import { openArchiveIfAny, openArchiveToRead } from '../reading/open-archive.js';
import { checkKey, describeTarget, rejectPlain, ttlAttributeOf } from '../reading/restore-target.js';
import type { EventList } from '../restore/event-list.js';
import { createFailureList } from '../restore/failure-list.js';
import { restoreItems } from '../restore/restore.js';
import { type Connected, withConnection } from './connect.js';
import type { Io } from './io.js';
import { createLog } from './logging.js';
import { notRestored } from './not-restored.js';
import { counted } from './numbers.js';
import { readList } from './restore-list.js';
import type { RestoreOptions } from './restore-options.js';
import { RestoreProgress } from './restore-progress.js';
import { restoreSources } from './restore-sources.js';
import { summaryJson, summaryText } from './restore-summary.js';
import { createLiveLine } from './status-line.js';
import { checkWindow } from './window-options.js';
import { terminalWidthOf } from './wrap.js';

/** Further failures are logged at debug. */
const MAX_WARNINGS = 10;

/** Runs `restore`. Throws NOT_RESTORED when items failed. */
export async function runRestore(given: RestoreOptions, realIo: Io): Promise<void> {
  checkWindow(given);
  const isWhole = given.files.length === 0;
  const options = isWhole ? { ...given, out: await chooseArchive({ ...given, anyTable: true }, given, realIo) } : given;
  // First of all: nothing is restored by a list that is wrong.
  const events = await readList(options, realIo);
  const liveLine = createLiveLine(realIo);
  const { io } = liveLine;
  const log = createLog(options, io);
  const open = options.files.length === 0 ? openArchiveToRead : openArchiveIfAny;
  const archive = await open(options.out, options, io);
  if (archive !== undefined && options.files.length === 0) rejectPlain(archive, options.out);
  const table = options.table ?? archive?.facts.table;
  const progress = new RestoreProgress(options.dryRun === true, () => systemClock.now());
  await withConnection(
    {
      options: { ...options, ...(table !== undefined && { table }) },
      io,
      log,
      // Only `setup` creates a missing table: it needs the key schema.
      setUp: false,
      maxSockets: options.concurrency,
    },
    async (connected) => {
      liveLine.start((columns) => progress.text(columns));
      try {
        await restoreInto({ ...connected, archive, events, log, options, io, progress });
      } finally {
        liveLine.stop();
      }
    },
  );
}

interface Job extends Connected {
  readonly archive: ArchiveToRead | undefined;
  readonly events: EventList | undefined;
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
        const level = progress.counts.failed < MAX_WARNINGS ? 'warn' : 'debug';
        log[level]({ event: 'restore.item-failed', file: failed.where, reason: failed.reason }, 'not restored');
        if (!dryRun) await failures.add(failed);
      },
      onProgress: (counts) => progress.take(counts),
    });
  } finally {
    await failures.close();
    warnOfExpired(job, attribute);
    const facts = { table, dryRun, interrupted: signal.aborted, ...progress.counts };
    io.stdout.write(
      options.json === true ? summaryJson(facts, failures.path) : summaryText(facts, terminalWidthOf(io.stdout)),
    );
  }
  if (progress.counts.failed > 0) {
    throw notRestored({ ...job, failed: counted(progress.counts.failed, 'item'), list: failures.path });
  }
  const missing = job.events?.missing ?? 0;
  if (missing === 0) return;
  throw new TtlArchiveError('NOT_RESTORED', `Not in the archive: ${counted(missing, 'item')} of the list.`, {
    remedy: 'Name the archive with --out that find has read; items that were pruned since are gone.',
  });
}

/** Where failed items are listed: in their archive's folder, or without one in the current folder, which is logged. */
function failureListPlace({ archive, clock, io, log, options }: Job): Parameters<typeof createFailureList>[0] {
  if (options.failures !== undefined) return { disk: nodeDisk, path: resolve(io.cwd, options.failures) };
  const name = `restore-failed-${new Date(clock.now()).toISOString().replace(/[:.]/g, '-')}.ndjson`;
  const { folder } = archive ?? {};
  if (folder !== undefined) return { disk: folder.disk, path: `${folder.state}/${name}` };
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
