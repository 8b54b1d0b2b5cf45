import { TtlArchiveError } from '../errors.js';
import { columnsFor, type ExportedItem } from '../export/columns.js';
import { ParquetFile } from '../export/parquet-file.js';
import { escapeText } from '../lib/escape.js';
import { mapConcurrently } from '../lib/map-concurrently.js';
import type { ItemEntry } from '../ports/index.js';
import type { ArchiveToRead } from '../reading/archive-to-read.js';
import { openArchiveToRead } from '../reading/open-archive.js';
import { shownItem } from '../restore/shown-item.js';
import type { Window } from '../restore/window.js';
import type { Io } from './io.js';
import { itemsInFolder } from './items-in-folder.js';
import { writeNewFile } from './new-file.js';
import { verifyNext } from './next-commands.js';
import { counted, formatBytes, formatCount } from './numbers.js';
import { showProgress } from './progress-fields.js';
import type { S3Options } from './s3-options.js';
import { createLiveLine } from './status-line.js';
import { checkWindow, type WindowOptions } from './window-options.js';

export interface ExportOptions extends S3Options, WindowOptions {
  readonly parquet: string;
  readonly out: string;
  readonly force?: boolean;
}

/** Items read concurrently, and most bytes of them. */
const CONCURRENCY = { items: 32, weight: 32 * 1024 * 1024, weightOf: ({ size }: ItemEntry) => size };

/** Runs `export`. Throws NOT_VERIFIED, after it has written the file, when items are missing or altered. */
export async function runExport(options: ExportOptions, realIo: Io): Promise<void> {
  checkWindow(options);
  const { parquet: name, out, since, until, force = false } = options;
  const liveLine = createLiveLine(realIo);
  const { io } = liveLine;
  const archive = await openArchiveToRead(out, options, io);
  let [items, unreadable, size] = [0, 0, 0];
  const isWhole = since === undefined && until === undefined;
  const all = isWhole ? await itemsInFolder(archive.folder, io) : undefined;
  showProgress(liveLine, () => ({ done: items, total: all?.kept, verb: 'exported' }));
  try {
    await writeNewFile({ cwd: io.cwd, name, force }, async (content) => {
      const file = new ParquetFile(content, columnsFor(await archive.firstKey()));
      for await (const { item, problem } of readItems(archive, { since, until }, io)) {
        items++;
        await file.add(item);
        if (problem === undefined) continue;
        unreadable++;
        io.stderr.write(`${escapeText(`${archive.placeOf(item.entry.file)}: ${problem}`)}\n`);
      }
      await file.finish();
      size = content.length;
    });
  } finally {
    liveLine.stop();
  }
  io.stdout.write(`${escapeText(name)}: ${counted(items, 'item')}, ${formatBytes(size)}\n`);
  if (unreadable === 0) return;
  throw new TtlArchiveError('NOT_VERIFIED', `${formatCount(unreadable)} of the exported rows have no item.`, {
    remedy: 'See everything that is missing or altered:',
    commands: [verifyNext(out)],
  });
}

interface Read {
  readonly item: ExportedItem;
  readonly problem?: string;
}

/** The items in the order of the archive. */
function readItems(archive: ArchiveToRead, window: Window, { signal }: Io): AsyncIterable<Read> {
  const entries = async function* () {
    for await (const batch of archive.items(window)) {
      signal.throwIfAborted();
      yield* batch;
    }
  };
  return mapConcurrently(entries(), CONCURRENCY, async (entry): Promise<Read> => {
    const content = await archive.read(entry);
    if ('problem' in content) return { item: { entry, text: undefined }, problem: content.problem };
    return { item: { entry, text: shownItem(content.text, archive.facts) } };
  });
}
