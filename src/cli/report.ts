import { openJournal } from '../journal/open-journal.js';
import { escapeText, slices } from '../lib/escape.js';
import { systemClock } from '../lib/system-clock.js';
import type { JournalState } from '../ports/index.js';
import type { ArchiveFolder } from '../reading/archive-folder.js';
import type { ArchiveToRead } from '../reading/archive-to-read.js';
import { openArchiveToRead } from '../reading/open-archive.js';
import { addItem, newTotals, type Totals } from '../report/collect.js';
import type { Io } from './io.js';
import { itemsInFolder } from './items-in-folder.js';
import { checkAbsent, writeNewFile } from './new-file.js';
import { counted, formatBytes } from './numbers.js';
import { showProgress } from './progress-fields.js';
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
  const file = output === '-' ? undefined : { cwd: io.cwd, name: output, force: options.force === true };
  if (file !== undefined) await checkAbsent(file);
  const archive = await openArchiveToRead(out, options, io);
  const totals = newTotals();
  const items = await itemsInFolder(archive.folder, io);
  showProgress(liveLine, () => ({ done: totals.items, total: items?.kept, verb: 'read' }));
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
  if (file === undefined) {
    for (const slice of slices(page)) {
      await io.stdout.drained?.();
      io.stdout.write(slice);
    }
    return;
  }
  await writeNewFile(file, (content) => content.append(page));
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
