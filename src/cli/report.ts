import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { nodeDisk } from '../disk/node-disk.js';
import { TtlArchiveError } from '../errors.js';
import { openJournal } from '../journal/open-journal.js';
import { escapeText, slices } from '../lib/escape.js';
import { systemClock } from '../lib/system-clock.js';
import type { JournalState } from '../ports/index.js';
import type { ArchiveFolder } from '../reading/archive-folder.js';
import type { ArchiveToRead } from '../reading/archive-to-read.js';
import { openArchiveToRead } from '../reading/open-archive.js';
import { addItem, newTotals, type Totals } from '../report/collect.js';
import type { Io } from './io.js';
import { counted, formatBytes } from './numbers.js';
import { reportPage } from './report/page.js';
import type { S3Options } from './s3-options.js';
import { createLiveLine } from './status-line.js';

export interface ReportOptions extends S3Options {
  readonly out: string;
  readonly output: string;
  readonly force?: boolean;
}

/** Runs `report`. Throws USAGE when the file exists, and JOURNAL when a manifest or the journal is damaged. */
export async function runReport(options: ReportOptions, realIo: Io): Promise<void> {
  const liveLine = createLiveLine(realIo);
  const { io } = liveLine;
  const { out, output } = options;
  const path = output === '-' ? undefined : resolve(io.cwd, output);
  if (path !== undefined && options.force !== true) await checkAbsent(path, output);
  const archive = await openArchiveToRead(out, options, io);
  const totals = newTotals();
  liveLine.start(() => `${counted(totals.items, 'item')} read`);
  try {
    await collect(archive, totals, io);
  } finally {
    liveLine.stop();
  }
  const { table, layout, format } = archive.facts;
  const state = archive.folder && (await stateOf(archive.folder));
  const page = reportPage({
    table,
    place: out,
    form: `layout ${layout}, format ${format}`,
    createdAt: new Date(systemClock.now()).toISOString(),
    totals,
    gaps: state?.gaps,
    gapCount: state?.gapCount ?? 0,
    pruned: state?.pruned,
  });
  if (path === undefined) {
    for (const slice of slices(page)) {
      await io.stdout.drained?.();
      io.stdout.write(slice);
    }
    return;
  }
  await nodeDisk.replace(path, `${path}.${randomUUID()}`, page);
  io.stdout.write(`${escapeText(output)}: ${counted(totals.items, 'item')}, ${formatBytes(totals.bytes)}\n`);
}

async function collect(archive: ArchiveToRead, totals: Totals, { signal }: Io): Promise<void> {
  for await (const entries of archive.items({})) {
    signal.throwIfAborted();
    for (const entry of entries) addItem(totals, entry);
  }
}

async function stateOf({ disk, state: directory }: ArchiveFolder): Promise<JournalState> {
  return (await openJournal({ disk, clock: systemClock }, { directory, readOnly: true })).state;
}

async function checkAbsent(path: string, output: string): Promise<void> {
  if ((await nodeDisk.size(path)) === undefined) return;
  throw new TtlArchiveError('USAGE', `The file ${escapeText(output)} exists.`, {
    remedy: 'Add --force to replace it, or name another file with --output.',
  });
}
