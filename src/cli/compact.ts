import { hourStart } from '../archive/layout.js';
import { compactArchive } from '../compact/compact.js';
import { type CompactTotals, type Damage, newTotals } from '../compact/context.js';
import { TtlArchiveError } from '../errors.js';
import { escapeText, toJsonLine } from '../lib/escape.js';
import { systemClock } from '../lib/system-clock.js';
import { openObjects } from '../reading/open-archive.js';
import { countedStorage, type RequestCounts } from './counted-storage.js';
import type { Io } from './io.js';
import { verifyNext } from './next-commands.js';
import { counted, formatBytes, formatCount } from './numbers.js';
import { showProgress } from './progress-fields.js';
import type { S3Options } from './s3-options.js';
import { createLiveLine } from './status-line.js';

export interface CompactCommandOptions extends S3Options {
  readonly url: string;
  /** Epoch milliseconds. */
  readonly since?: number;
  readonly until?: number;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Bounds the memory; the counts are complete. */
const MAX_IN_JSON = 10_000;

/** Runs `compact`. Throws NOT_VERIFIED when objects are damaged, and TABLE when there is no archive. */
export async function runCompact(options: CompactCommandOptions, realIo: Io): Promise<void> {
  const { url, since, until, dryRun = false, json = false } = options;
  const liveLine = createLiveLine(realIo);
  const { io } = liveLine;
  const requests: RequestCounts = { put: 0, get: 0, list: 0, delete: 0 };
  const storage = countedStorage(await openObjects(url, options, io), requests);
  const totals = newTotals();
  const damages: Damage[] = [];
  let hour = '';
  let isComplete = false;
  const onDamage = (damage: Damage) => {
    if (!json) io.stdout.write(`damaged  ${escapeText(damage.problem)}\n`);
    else if (damages.length < MAX_IN_JSON) damages.push(damage);
  };
  const context = { storage, totals, onDamage, clock: systemClock, signal: io.signal };
  showProgress(liveLine, () => ({
    done: totals.merged.objects,
    total: undefined,
    verb: 'objects merged',
    others: hour === '' ? [] : [{ text: `at ${hourStart(hour).slice(0, 16).replace('T', ' ')}`, rank: 2 }],
  }));
  try {
    await compactArchive(
      { ...context, onHour: (folder) => void (hour = folder) },
      { since: isoTime(since), until: isoTime(until), dryRun },
    );
    isComplete = true;
  } finally {
    liveLine.stop();
    const isInterrupted = !isComplete;
    // Also after a failure: what was merged stays merged.
    if (json) io.stdout.write(toJsonLine({ dryRun, isComplete, ...totals, requests, damages }));
    else if (isComplete || requests.put > 0) io.stdout.write(summary(totals, { dryRun, isInterrupted, requests }));
  }
  if (totals.damaged === 0) return;
  throw new TtlArchiveError(
    'NOT_VERIFIED',
    `${counted(totals.damaged, 'damaged object')} found in ${escapeText(url)} and left alone.`,
    { remedy: 'See everything that is missing or altered:', commands: [verifyNext(url)] },
  );
}

function isoTime(time: number | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString();
}

interface Outcome {
  readonly dryRun: boolean;
  readonly isInterrupted: boolean;
  readonly requests: RequestCounts;
}

function summary(totals: CompactTotals, { dryRun, isInterrupted, requests }: Outcome): string {
  const { hours, merged, written, leftovers, withoutManifest } = totals;
  const counts = [
    `${formatCount(requests.put)} PUT`,
    `${formatCount(requests.get)} GET`,
    `${formatCount(requests.list)} LIST`,
    `${formatCount(requests.delete)} DELETE`,
  ];
  const objects = `${counted(merged.objects, 'object')} of ${counted(hours, 'hour')}`;
  const lines = [
    ...(leftovers > 0 ? [`${counted(leftovers, 'object')} left over from an earlier run deleted`] : []),
    ...(withoutManifest > 0
      ? [`${counted(withoutManifest, 'object')} without a manifest: not part of the archive, left alone`]
      : []),
    merged.objects === 0
      ? 'nothing to merge'
      : dryRun
        ? `would merge ${objects} (${formatBytes(merged.bytes)}) into ${formatCount(written.objects)}`
        : `merged ${objects} into ${formatCount(written.objects)}: ${formatBytes(merged.bytes)} before, ${formatBytes(written.bytes)} after`,
    ...(isInterrupted ? ['ended early: run it again to continue'] : []),
    `requests: ${counts.join(', ')}`,
  ];
  return lines.map((line) => `${line}\n`).join('');
}
