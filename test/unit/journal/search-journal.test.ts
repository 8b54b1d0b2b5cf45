import { describe, expect, it } from 'vitest';
import { searchJournal } from '../../../src/journal/search-journal.js';
import type { JournalRecord } from '../../../src/ports/index.js';
import { MemoryDisk } from '../../support/memory-disk.js';
import { simulatedClock } from '../../support/simulated-clock.js';
import { checkpoint, DIRECTORY, FIRST_FILE, item, open } from './journal-fixture.js';

async function search(disk: MemoryDisk, needle: string, since?: number): Promise<JournalRecord[]> {
  const found: JournalRecord[] = [];
  for await (const record of searchJournal({ disk }, DIRECTORY, { needles: [Buffer.from(needle)], since }))
    found.push(record);
  return found;
}

describe('searchJournal', () => {
  it('finds committed lines in all files and chunks, with their numbers', async () => {
    const disk = new MemoryDisk();
    const clock = simulatedClock();
    const journal = await open(disk, clock);
    for (let page = 0; page < 5; page++) {
      const items = Array.from({ length: 1000 }, (_, n) => item(page * 1000 + n));
      await journal.commit([...items, checkpoint(`${page}`)]);
    }
    await clock.advance(86_400_000);
    await journal.commit([item(7), item(8), checkpoint('8')]);
    for (const n of [0, 1, 999, 1000, 2345, 4999]) {
      expect(await search(disk, `"key-${n} é"`)).toEqual([
        { file: '2026-11-23.ndjson', number: n + Math.floor(n / 1000) + 1, line: item(n) },
      ]);
    }
    expect(await search(disk, '"key-7 é"')).toEqual([
      { file: '2026-11-23.ndjson', number: 8, line: item(7) },
      { file: '2026-11-24.ndjson', number: 1, line: item(7) },
    ]);
    expect(await search(disk, '"type":"item"')).toHaveLength(5002);
    expect(await search(disk, 'nowhere')).toEqual([]);
  });

  it('skips what is not committed', async () => {
    const disk = new MemoryDisk();
    const journal = await open(disk);
    const many = Array.from({ length: 1000 }, (_, n) => item(n));
    await journal.commit([item(1), checkpoint('1')]);
    await journal.commit([...many, checkpoint('10')]);
    const content = disk.content(FIRST_FILE)?.toString() ?? '';
    for (const end of [content.length - 5, content.lastIndexOf('\n', content.length - 2) + 1, content.length - 9999]) {
      disk.put(FIRST_FILE, content.slice(0, end));
      expect(await search(disk, 'key-1 ')).toHaveLength(1);
    }
    disk.put(FIRST_FILE, content.slice(0, 40));
    expect(await search(disk, 'type')).toEqual([]);
    expect(await search(new MemoryDisk(), 'type')).toEqual([]);
  });

  it('leaves out the files of the days before a time', async () => {
    const disk = new MemoryDisk();
    const clock = simulatedClock();
    const journal = await open(disk, clock);
    const day = clock.now();
    await journal.commit([item(1), checkpoint('1')]);
    await clock.advance(86_400_000);
    await journal.commit([item(2), checkpoint('2')]);
    const found = async (since: number) => (await search(disk, '"eventID"', since)).length;
    expect([await found(day), await found(day + 86_400_000), await found(day + 2 * 86_400_000)]).toEqual([2, 1, 0]);
  });
});
