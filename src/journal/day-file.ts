import { journalFileOf, journalFolder } from '../archive/layout.js';
import { TtlArchiveError } from '../errors.js';
import { escapeText } from '../lib/escape.js';
import { type GrowingText, withText } from '../lib/growing-text.js';
import { eachInSlices, inSlices } from '../lib/in-slices.js';
import type { AppendFile, Clock, Disk, JournalLine } from '../ports/index.js';
import { encodeLine, FIRST_PREV, hashOf } from './journal-line.js';
import type { Recovered } from './recover.js';
import { type Tip, tipAt } from './snapshot.js';

export interface DayFile {
  /** Chains the lines to the journal and makes them durable with one write and one sync; returns the journal's new end. */
  append(lines: readonly JournalLine[]): Promise<Tip>;
  close(): Promise<void>;
}

/** The journal's file of the day (UTC), opened on the first write. Calls must not overlap. */
export function dayFile(
  { disk, clock }: { disk: Disk; clock: Clock },
  directory: string,
  recovered: Pick<Recovered, 'tip' | 'lastFile'>,
): DayFile {
  const folder = journalFolder(directory);
  let { tip, lastFile = '' } = recovered;
  let open: AppendFile | undefined;

  /** Only the holder of the lock writes: nothing may be appended to what another process wrote. */
  const changed = (name: string): TtlArchiveError =>
    new TtlArchiveError(
      'LOCKED',
      `The journal file ${escapeText(`${folder}/${name}`)} was changed by another process.`,
      {
        remedy: 'Nothing was written after that. Run one watch on an archive folder at a time, then start again.',
      },
    );

  const lengthOf = (name: string): number => (tip?.file === name ? tip.offset : 0);

  async function hasOurSize(name: string): Promise<boolean> {
    return name === '' || (await disk.size(`${folder}/${name}`)) === lengthOf(name);
  }

  /** Names are in the order of time: when the clock was set back, the newest file is continued. */
  async function fileOfToday(): Promise<AppendFile> {
    const isOurs = open === undefined ? await hasOurSize(lastFile) : await open.isUntouched();
    if (!isOurs) throw changed(lastFile);
    const today = journalFileOf(clock.now());
    if (open !== undefined && today <= lastFile) return open;
    await open?.close();
    open = undefined;
    if (today > lastFile) lastFile = today;
    const file = await disk.openAppend(`${folder}/${lastFile}`);
    open = file;
    if (file.length !== lengthOf(lastFile)) throw changed(lastFile);
    // Also for a file that existed: its name may not be durable yet.
    await disk.syncDirectory(folder);
    return file;
  }

  async function appendIn(text: GrowingText, lines: readonly JournalLine[]): Promise<Tip> {
    const file = await fileOfToday();
    let prev = tip?.prev ?? FIRST_PREV;
    const { length } = file;
    let last = 0;
    await inSlices(
      eachInSlices(lines, (line) => {
        last = text.length;
        text.add(encodeLine(line, prev, length));
        prev = hashOf(text.since(last));
        text.add('\n');
      }),
    );
    const bytes = text.since(0);
    try {
      await file.append(bytes);
      await file.sync();
    } catch (error) {
      // A partial write is not committed; if it cannot be cut off now, the next start does it.
      await file.truncate(length).catch(() => undefined);
      throw error;
    }
    tip = tipAt(tip, { file: lastFile, offset: file.length, lineLength: bytes.length - last, prev });
    return tip;
  }

  return {
    append: (lines) => withText((text) => appendIn(text, lines)),
    async close() {
      await open?.close();
      open = undefined;
    },
  };
}
