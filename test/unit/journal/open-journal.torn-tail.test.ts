import { describe, expect, it } from 'vitest';
import { encodeLine, FIRST_PREV, hashOf } from '../../../src/journal/journal-line.js';
import { openJournal } from '../../../src/journal/open-journal.js';
import { searchJournal } from '../../../src/journal/search-journal.js';
import type { Journal, JournalLine } from '../../../src/ports/index.js';
import { MemoryDisk } from '../../support/memory-disk.js';
import { notedLog } from '../../support/noted-log.js';
import { simulatedClock } from '../../support/simulated-clock.js';
import {
  checkpoint,
  DIRECTORY,
  FIRST_FILE,
  item,
  linesOf,
  open,
  plain,
  recordsOf,
  SNAPSHOT,
} from './journal-fixture.js';

const NEXT_FILE = `${DIRECTORY}/journal/2026-11-24.ndjson`;
const SECTOR = 512;
const FIRST: readonly JournalLine[] = [item(1), checkpoint('1')];
const JOURNAL = { code: 'JOURNAL' };

/** Two writes: one commit, then three commits of some 2,500 bytes together. */
async function twoWrites(close = false) {
  const disk = new MemoryDisk();
  const journal = await open(disk);
  await journal.commit(FIRST);
  const confirmed = bytesOf(disk).length;
  await threeInOneWrite(journal);
  if (close) await journal.close();
  return { disk, confirmed, whole: bytesOf(disk) };
}

/** Lines in the form of older versions. */
function textOf(lines: readonly JournalLine[]): string {
  let prev = FIRST_PREV;
  const texts = lines.map((line) => {
    const text = encodeLine(line, prev);
    prev = hashOf(text);
    return `${text}\n`;
  });
  return texts.join('');
}

function threeInOneWrite(journal: Journal): Promise<unknown> {
  return Promise.all(
    [20, 30, 40].map((n) => journal.commit([item(n), item(n + 1), checkpoint(`${n + 1}`, { ShardId: `shard-${n}` })])),
  );
}

function bytesOf(disk: MemoryDisk, path = FIRST_FILE): Buffer {
  return Buffer.from(disk.content(path) ?? '');
}

function zeroed(whole: Buffer, from: number, to: number): Buffer {
  return Buffer.from(whole).fill(0, from, Math.min(to, whole.length));
}

/** The committed lines as a reader, a start and a search find them, which must agree. */
async function agreed(disk: MemoryDisk): Promise<JournalLine[]> {
  const before = bytesOf(disk);
  const readOnly = plain(await open(disk, undefined, true));
  expect(bytesOf(disk)).toEqual(before);
  const read = await linesOf(disk);
  const hits = [];
  for await (const hit of searchJournal({ disk }, DIRECTORY, { needles: [Buffer.from('"eventID"')] })) hits.push(hit);
  expect(hits.map((hit) => ('line' in hit ? hit.line : hit))).toEqual(read.filter(({ type }) => type === 'item'));
  const journal = await open(disk);
  expect(plain(journal)).toEqual(readOnly);
  expect(await linesOf(disk)).toEqual(read);
  await journal.commit([checkpoint('99')]);
  expect(await linesOf(disk)).toEqual([...read, checkpoint('99')]);
  return read;
}

describe('openJournal, after a power cut', () => {
  it('cuts off the last write with a warning when any of its sectors is zeros', async () => {
    const { disk, confirmed, whole } = await twoWrites();
    for (let sector = Math.floor(confirmed / SECTOR); sector * SECTOR < whole.length; sector++) {
      const from = Math.max(confirmed, sector * SECTOR);
      disk.put(FIRST_FILE, zeroed(whole, from, (sector + 1) * SECTOR));
      const log = notedLog();
      await openJournal({ disk, clock: simulatedClock(), log }, { directory: DIRECTORY });
      expect(log.lines).toMatchObject([{ level: 'warn', facts: { file: FIRST_FILE, found: 'zeros' } }]);
      disk.put(FIRST_FILE, zeroed(whole, from, (sector + 1) * SECTOR));
      const left = await agreed(disk);
      // Whole commits before the zeros may stay, parts of a commit may not.
      expect(left.slice(0, 2)).toEqual(FIRST);
      expect(left.at(-1)).toMatchObject({ type: 'checkpoint' });
      expect(left.length).toBeLessThan(11);
    }
  });

  it('cuts off the last write when it is all zeros, with or without a line feed after them', async () => {
    const { disk, confirmed, whole } = await twoWrites();
    for (const end of [whole.length, whole.length - 1]) {
      disk.put(FIRST_FILE, zeroed(whole, confirmed, end));
      expect(await agreed(disk)).toEqual(FIRST);
    }
  });

  it('cuts off the last write when it is malformed', async () => {
    const { disk, confirmed, whole } = await twoWrites();
    for (const rubbish of ['\n', 'rubbish\nrubbish\n', '{"type":"item",\n', '{}\n{"type":"checkpoint"}\nx']) {
      disk.put(FIRST_FILE, Buffer.concat([whole.subarray(0, confirmed), Buffer.from(rubbish)]));
      expect(await agreed(disk)).toEqual(FIRST);
    }
  });

  it('cuts a newest file that is all zeros, malformed or empty', async () => {
    for (const content of ['', Buffer.alloc(700), 'rubbish\n']) {
      const disk = new MemoryDisk();
      await (await open(disk)).commit(FIRST);
      disk.put(NEXT_FILE, content);
      expect(await agreed(disk)).toEqual(FIRST);
    }
  });

  it('throws JOURNAL when the damage is before an undamaged write', async () => {
    const { disk, confirmed, whole } = await twoWrites();
    const journal = await open(disk);
    await journal.commit([item(50), checkpoint('50')]);
    const later = bytesOf(disk);
    for (let from = 0; from < whole.length; from += 100) {
      disk.put(FIRST_FILE, zeroed(later, from, from + 100));
      await expect(open(disk)).rejects.toMatchObject(JOURNAL);
      await expect(open(disk, undefined, true)).rejects.toMatchObject(JOURNAL);
      expect((await recordsOf(disk)).some((record) => 'problem' in record)).toBe(true);
    }
    disk.put(FIRST_FILE, zeroed(later, confirmed, later.length - 40));
    expect(await agreed(disk)).toEqual(FIRST);
  });

  it('throws JOURNAL when the damage is before the snapshot, which follows a confirmed write', async () => {
    const { disk, confirmed, whole } = await twoWrites(true);
    disk.put(FIRST_FILE, zeroed(whole, whole.length - 100, whole.length));
    await expect(open(disk)).rejects.toMatchObject(JOURNAL);
    expect((await recordsOf(disk)).some((record) => 'problem' in record)).toBe(true);
    // Without the snapshot that cannot be known.
    disk.put(SNAPSHOT, undefined);
    expect((await agreed(disk)).slice(0, 2)).toEqual(FIRST);
    expect(confirmed).toBeLessThan(whole.length);
  });

  it('throws JOURNAL for a line of a later version, which is not damage', async () => {
    const disk = new MemoryDisk();
    const journal = await open(disk);
    await journal.commit(FIRST);
    await journal.commit([{ ...checkpoint('2'), type: 'news' } as unknown as JournalLine]);
    await expect(open(disk)).rejects.toMatchObject(JOURNAL);
    expect((await recordsOf(disk)).at(-1)).toHaveProperty('problem');
  });

  it('accepts only a whole commit as a later write when lines do not say where their write began', async () => {
    const disk = new MemoryDisk();
    const second = [item(2), item(3), checkpoint('3')];
    const before = Buffer.from(textOf([...FIRST, ...second]));
    const whole = Buffer.from(textOf([...FIRST, ...second, item(4), item(5), checkpoint('5')]));
    for (let from = before.length; from < whole.length; from += 50) {
      disk.put(FIRST_FILE, zeroed(whole, from, from + 50));
      expect(await agreed(disk)).toEqual([...FIRST, ...second]);
    }
    // A damaged closing line of the second commit could as well be an item line of the third.
    const closing = before.lastIndexOf('{"type":"checkpoint"');
    for (let from = 0; from < closing - 1; from += 50) {
      disk.put(FIRST_FILE, zeroed(whole, from, Math.min(from + 50, closing - 1)));
      await expect(open(disk)).rejects.toMatchObject(JOURNAL);
    }
  });
});
