import { PARTITION } from '../archive/layout.js';
import { nodeProcesses } from '../disk/node-processes.js';
import { removeEmptyFolders } from '../disk/remove-folder.js';
import { TtlArchiveError } from '../errors.js';
import { readPrunes } from '../journal/prunes.js';
import { escapeText, toJsonLine } from '../lib/escape.js';
import { isS3Url } from '../lib/s3-location.js';
import { systemClock } from '../lib/system-clock.js';
import { fencedDisk } from '../lock/fenced-disk.js';
import { acquireLock } from '../lock/lock.js';
import { type Plan, planPrune } from '../prune/plan.js';
import { prune } from '../prune/prune.js';
import type { ArchiveFolder } from '../reading/archive-folder.js';
import { openFolder } from '../reading/open-archive.js';
import type { LogOptions } from './command.js';
import type { Io } from './io.js';
import { createLog } from './logging.js';
import { counted, formatBytes, formatCount } from './numbers.js';
import { showProgress } from './progress-fields.js';
import { createLiveLine } from './status-line.js';

export interface PruneCommandOptions extends LogOptions {
  /** Milliseconds. */
  readonly olderThan: number;
  readonly out: string;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

interface Result extends Pick<Plan, 'items' | 'bytes' | 'segments'> {
  readonly before: string;
  readonly dryRun: boolean;
  readonly interrupted: boolean;
  /** Files removed, also those that an earlier prune has left. */
  readonly removed: number;
}

/** Runs `prune`. Throws LOCKED while a watch runs, TABLE when there is no archive, and USAGE for one in S3. */
export async function runPrune(options: PruneCommandOptions, realIo: Io): Promise<void> {
  if (isS3Url(options.out)) {
    throw new TtlArchiveError('USAGE', 'An archive in S3 cannot be pruned with this command.', {
      remedy: 'Let a lifecycle rule of the bucket expire old objects, of the same age for data and manifests.',
    });
  }
  const liveLine = createLiveLine(realIo);
  const { io } = liveLine;
  const folder = await openFolder(options.out, io);
  const before = timeBefore(folder, options.olderThan);
  const print = (result: Result): void => {
    io.stdout.write(options.json === true ? toJsonLine(result) : text(result));
  };
  if (options.dryRun === true) {
    const prunes = await readPrunes(folder, folder.state);
    const plan = await planPrune({ journal: folder.journal, prunes, before, signal: io.signal });
    print(resultOf(plan, { before, dryRun: true, interrupted: false, removed: 0 }));
    return;
  }
  const log = createLog(options, io);
  const { signal } = io;
  const context = { disk: folder.disk, clock: systemClock, log, processes: nodeProcesses };
  const lock = await acquireLock(context, folder.state, { signal });
  let planned: Plan | undefined;
  let removed = 0;
  try {
    const archive = { disk: fencedDisk(folder.disk, lock), directory: folder.directory };
    const plan = await prune(
      { archive, clock: systemClock, log, signal },
      {
        before,
        confirm: async (what) => {
          if (!(await isConfirmed(what, before, options, io))) return false;
          planned = what;
          showProgress(liveLine, () => ({ done: removed, total: filesOf(what), verb: 'files removed' }));
          return true;
        },
        onRemoved: () => void removed++,
      },
    );
    liveLine.stop();
    if (plan === undefined) io.stdout.write('nothing was pruned\n');
    else print(resultOf(plan, { before, dryRun: false, interrupted: false, removed }));
    await removeEmptyFolders(folder.directory, PARTITION);
  } catch (error) {
    liveLine.stop();
    if (signal.aborted && planned !== undefined) {
      print(resultOf(planned, { before, dryRun: false, interrupted: true, removed }));
    }
    throw error;
  } finally {
    await lock.release();
  }
}

/** Files to remove; undefined when an earlier prune has left some. */
function filesOf({ items, segments, hasLeftovers }: Plan): number | undefined {
  if (hasLeftovers) return undefined;
  return segments > 0 ? segments : items;
}

const HOUR = 3_600_000;

/** Segments are pruned by the hour. */
function timeBefore({ facts }: ArchiveFolder, olderThan: number): string {
  const time = systemClock.now() - olderThan;
  return new Date(facts.layout === 'segments' ? time - (time % HOUR) : time).toISOString();
}

async function isConfirmed(plan: Plan, before: string, options: PruneCommandOptions, io: Io): Promise<boolean> {
  // What an earlier prune has left was confirmed then.
  if (options.yes === true || plan.items === 0) return true;
  const what = `${counted(plan.items, 'item')} (${formatBytes(plan.bytes)}) deleted before ${before}`;
  const answer = await io.ask(`Remove ${what} from the archive ${escapeText(options.out)} for good? [y/N] `);
  if (answer === undefined) {
    throw new TtlArchiveError('USAGE', 'Cannot confirm: not a terminal.', {
      remedy: 'Add --yes to prune without being asked, or --dry-run to see how much that would be.',
    });
  }
  return /^y(es)?$/i.test(answer.trim());
}

function resultOf(
  { items, bytes, segments }: Plan,
  facts: Pick<Result, 'before' | 'dryRun' | 'interrupted' | 'removed'>,
): Result {
  return { ...facts, items, bytes, segments };
}

function text({ before, dryRun, interrupted, items, bytes, segments, removed }: Result): string {
  const where = segments > 0 ? ` in ${counted(segments, 'segment')}` : '';
  const what = `${counted(items, 'item')} (${formatBytes(bytes)})${where}, deleted before ${before}`;
  const files = `${formatCount(removed)} ${removed === 1 ? 'file' : 'files'} removed`;
  if (interrupted) return `interrupted: pruned ${what}, ${files}; run it again to remove the rest\n`;
  if (items > 0) return dryRun ? `would prune ${what}\n` : `pruned ${what}, ${files}\n`;
  const leftovers = removed > 0 ? `, ${files} that an interrupted prune had left` : '';
  return `nothing to prune: no item was deleted before ${before}${leftovers}\n`;
}
