import { firstHead } from '../archive/first-head.js';
import { TtlArchiveError } from '../errors.js';
import { escapeText, toJsonLine } from '../lib/escape.js';
import { parseS3Url } from '../lib/s3-location.js';
import { tableNameOf } from '../lib/table-arn.js';
import type { Deletions, ObjectStorage } from '../ports/index.js';
import { openStorage } from '../reading/open-storage.js';
import { type LeftBatch, newReplayTotals, type ReplayTotals, replay } from '../replay/replay.js';
import type { Io } from './io.js';
import { counted, formatCount } from './numbers.js';
import { showProgress } from './progress-fields.js';
import type { S3Options } from './s3-options.js';
import { createLiveLine } from './status-line.js';

export interface ReplayCommandOptions extends S3Options {
  readonly url: string;
  readonly out: string;
  readonly table?: string;
  readonly deletions: Deletions;
  readonly ttlAttribute?: string;
  readonly delete?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Bounds the memory; the counts are complete. */
const MAX_IN_JSON = 10_000;

/** Runs `replay`. Throws GAP when something is left that is not in the archive. */
export async function runReplay(options: ReplayCommandOptions, realIo: Io): Promise<void> {
  const { url, out, deletions, ttlAttribute, dryRun = false, json = false } = options;
  if (deletions === 'inferred' && ttlAttribute === undefined) {
    throw new TtlArchiveError('USAGE', '--deletions inferred needs the TTL attribute.', {
      remedy: 'Name it with --ttl-attribute.',
    });
  }
  const liveLine = createLiveLine(realIo);
  const { io } = liveLine;
  const failed = { storage: await openStorage(url, options, io), location: parseS3Url(url) };
  const archive = await openStorage(out, options, io);
  const table = await tableOf(archive, options);
  const totals = newReplayTotals();
  const left: LeftBatch[] = [];
  let isComplete = false;
  const onLeft = (each: LeftBatch) => {
    if (!json) io.stdout.write(leftLine(each));
    else if (left.length < MAX_IN_JSON) left.push(each);
  };
  showProgress(liveLine, () => ({
    done: totals.batches,
    total: undefined,
    verb: 'batches replayed',
    others: [
      { text: `${formatCount(totals.archived)} archived`, rank: 1 },
      ...(totals.left > 0 ? [{ text: `${formatCount(totals.left)} left`, rank: 1 }] : []),
    ],
  }));
  try {
    await replay(
      { failed, archive, totals, onLeft, signal: io.signal },
      { table, rule: { deletions, ttlAttribute }, dryRun, delete: options.delete },
    );
    isComplete = true;
  } finally {
    liveLine.stop();
    // Also after a failure: what was archived stays archived.
    if (json) io.stdout.write(toJsonLine({ table, dryRun, isComplete, ...totals, leftBatches: left }));
    else io.stdout.write(summary(totals, { table, dryRun, isComplete }));
  }
  if (totals.left === 0) return;
  throw new TtlArchiveError('GAP', `${counted(totals.left, 'batch')} in ${escapeText(url)} cannot be archived.`, {
    remedy: 'Save what you need of the objects above, then delete them; until then they count as a gap.',
  });
}

/** Throws USAGE when nothing says which table it is, and TABLE when it is not the archived one. */
async function tableOf(archive: ObjectStorage, { out, table }: ReplayCommandOptions): Promise<string> {
  const wanted = table === undefined ? undefined : tableNameOf(table);
  const archived = (await firstHead(archive))?.header.table;
  const name = wanted ?? archived;
  if (name === undefined) {
    throw new TtlArchiveError(
      'USAGE',
      `${escapeText(out)} has no manifest yet, which would say which table it is of.`,
      {
        remedy: 'Name the table with --table.',
      },
    );
  }
  if (archived === undefined || archived === name) return name;
  throw new TtlArchiveError(
    'TABLE',
    `${escapeText(out)} is the archive of the table ${escapeText(archived)}, not ${escapeText(name)}.`,
    { remedy: 'Give the prefix of that table with --out.' },
  );
}

function leftLine({ key, shardId, SequenceNumber, reason }: LeftBatch): string {
  const record = SequenceNumber === undefined ? '' : ` record ${SequenceNumber}`;
  const shard = shardId === undefined ? '' : ` of ${shardId}`;
  return `left  ${escapeText(`${key}${record === '' && shard === '' ? '' : `,${record}${shard}`}: ${reason}`)}\n`;
}

interface Outcome {
  readonly table: string;
  readonly dryRun: boolean;
  readonly isComplete: boolean;
}

function summary(totals: ReplayTotals, { table, dryRun, isComplete }: Outcome): string {
  const { batches, archived, ignored, replayedBefore, left, otherTables, unrelated } = totals;
  const [verb, past] = dryRun ? ['would be ', 'to archive'] : ['', 'archived'];
  const lines = [
    `${counted(batches, 'batch')} of ${escapeText(table)} ${verb}replayed: ${counted(archived, 'item')} ${past}, ${counted(ignored, 'record')} ignored`,
    ...(replayedBefore > 0 ? [`${counted(replayedBefore, 'batch')} replayed before`] : []),
    ...(otherTables > 0 ? [`${counted(otherTables, 'batch')} of other tables`] : []),
    ...(unrelated > 0 ? [`${counted(unrelated, 'unrelated object')} ignored`] : []),
    ...(left > 0 ? [`${formatCount(left)} left: a gap`] : []),
    ...(isComplete ? [] : ['ended early: run it again to continue']),
  ];
  return lines.map((line) => `${line}\n`).join('');
}
