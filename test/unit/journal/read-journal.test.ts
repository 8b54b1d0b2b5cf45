import { describe, expect, it } from 'vitest';
import { MemoryDisk } from '../../support/memory-disk.js';
import { simulatedClock } from '../../support/simulated-clock.js';
import { checkpoint, DIRECTORY, FIRST_FILE, item, open, recordsOf } from './journal-fixture.js';

const NEXT_FILE = `${DIRECTORY}/journal/2026-11-24.ndjson`;

async function twoDays(): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  const clock = simulatedClock();
  const journal = await open(disk, clock);
  await journal.commit([item(1), item(2), checkpoint('2')]);
  await clock.advance(86_400_000);
  await journal.commit([item(3), checkpoint('3')]);
  await journal.close();
  return disk;
}

function shape(records: Awaited<ReturnType<typeof recordsOf>>): string[] {
  return records.map((record) =>
    'line' in record
      ? `${record.number} ${record.line.type}`
      : `${record.file.slice(8, 10)}:${record.number} ${record.problem}`,
  );
}

describe('readJournal', () => {
  it('returns nothing when there is no journal', async () => {
    expect(await recordsOf(new MemoryDisk())).toEqual([]);
  });

  it('returns the lines of all files in order, with file and line number', async () => {
    const records = await recordsOf(await twoDays());
    expect(records).toEqual([
      { file: '2026-11-23.ndjson', number: 1, line: item(1) },
      { file: '2026-11-23.ndjson', number: 2, line: item(2) },
      { file: '2026-11-23.ndjson', number: 3, line: checkpoint('2') },
      { file: '2026-11-24.ndjson', number: 1, line: item(3) },
      { file: '2026-11-24.ndjson', number: 2, line: checkpoint('3') },
    ]);
  });

  it('leaves out what is not committed at the very end', async () => {
    const disk = await twoDays();
    const lines = disk.content(FIRST_FILE)?.toString().split('\n') ?? [];
    disk.put(NEXT_FILE, undefined);
    for (const rest of [`${lines[0]}\n`, `${lines[0]}\n${lines[1]}\n${lines[2]}`, lines[0]?.slice(0, 9)]) {
      disk.put(FIRST_FILE, rest ?? '');
      expect(await recordsOf(disk)).toEqual([]);
    }
  });

  it('reports problems in place and continues', async () => {
    const disk = await twoDays();
    const content = disk.content(FIRST_FILE)?.toString() ?? '';
    disk.put(FIRST_FILE, content.replace('file-1', 'file-9'));
    expect(shape(await recordsOf(disk))).toEqual([
      '1 item',
      '23:2 does not continue the previous line',
      '2 item',
      '3 checkpoint',
      '1 item',
      '2 checkpoint',
    ]);
    disk.put(FIRST_FILE, content.replace('{"type":"checkpoint"', '{"type":"checkp\u0000int"'));
    expect(shape(await recordsOf(disk))).toEqual([
      '1 item',
      '2 item',
      '23:3 does not match its own check',
      '24:1 does not continue the previous line',
      '1 item',
      '2 checkpoint',
    ]);
    disk.put(FIRST_FILE, content.slice(0, -1));
    expect(shape(await recordsOf(disk))).toContain('23:3 ends in the middle of a line');
    disk.put(FIRST_FILE, content.slice(0, content.indexOf('{"type":"checkpoint"')));
    expect(shape(await recordsOf(disk))[0]).toBe('23:2 ends in item lines without their closing line');
  });

  it('reports a damaged last line, which no later line covers', async () => {
    const disk = await twoDays();
    disk.put(NEXT_FILE, disk.content(NEXT_FILE)?.toString().replace('"position":"3"', '"position":"4"'));
    expect(shape(await recordsOf(disk)).at(-1)).toBe('24:2 does not match its own check');
  });

  it('reads files of many chunks', async () => {
    const disk = new MemoryDisk();
    const journal = await open(disk);
    for (let page = 0; page < 10; page++) {
      const items = Array.from({ length: 1000 }, (_, n) => item(page * 1000 + n));
      await journal.commit([...items, checkpoint(`${page}`)]);
    }
    expect(disk.content(FIRST_FILE)?.length).toBeGreaterThan(3 << 20);
    const records = await recordsOf(disk);
    expect(records).toHaveLength(10_010);
    expect(records.every((record, index) => 'line' in record && record.number === index + 1)).toBe(true);
  });
});
