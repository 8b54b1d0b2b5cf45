import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openJournal } from '../../../src/journal/open-journal.js';
import { MemoryDisk } from '../../support/memory-disk.js';
import { notedLog } from '../../support/noted-log.js';
import { SIMULATED_START, simulatedClock } from '../../support/simulated-clock.js';
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
  STILL,
} from './journal-fixture.js';

const NEXT_FILE = `${DIRECTORY}/journal/2026-11-24.ndjson`;

/** Two commits, the second of two items; without a snapshot unless it is closed. */
async function twoCommits({ close = false } = {}) {
  const disk = new MemoryDisk();
  const journal = await open(disk);
  await journal.commit([item(1), checkpoint('1')]);
  const first = text(disk).length;
  await journal.commit([item(2), item(3), checkpoint('3')]);
  if (close) await journal.close();
  return { disk, first };
}

/** A commit of one item on each of three days, and a snapshot. */
async function threeDays() {
  const disk = new MemoryDisk();
  let now = SIMULATED_START;
  const journal = await open(disk, { ...STILL, now: () => now });
  for (const n of [1, 2, 3]) {
    await journal.commit([item(n), checkpoint(`${n}`)]);
    now += 24 * 3_600_000;
  }
  await journal.close();
  return { disk };
}

function text(disk: MemoryDisk): string {
  return disk.content(FIRST_FILE)?.toString('latin1') ?? '';
}

function put(disk: MemoryDisk, latin1: string): void {
  disk.put(FIRST_FILE, Buffer.from(latin1, 'latin1'));
}

describe('openJournal', () => {
  it('rejects other bytes in the place of the line feed at which the snapshot ends', async () => {
    const { disk } = await twoCommits({ close: true });
    const whole = text(disk);
    for (const end of [' ', '}', '\0', '}\n', '"}\n{}\n']) {
      put(disk, whole.slice(0, -1) + end);
      await expect(open(disk)).rejects.toMatchObject({ code: 'JOURNAL' });
      expect(text(disk)).toBe(whole.slice(0, -1) + end);
    }
  });

  it('cuts the last commit off, and only it, when the file ends anywhere inside it', async () => {
    const { disk, first } = await twoCommits();
    const whole = text(disk);
    for (let end = first; end < whole.length; end++) {
      put(disk, whole.slice(0, end));
      const log = notedLog();
      const journal = await openJournal({ disk, clock: simulatedClock(), log }, { directory: DIRECTORY });
      expect(plain(journal)).toMatchObject({ items: 1, checkpoints: [{ position: '1' }] });
      expect(text(disk)).toBe(whole.slice(0, first));
      const facts = { file: FIRST_FILE, bytes: end - first, found: expect.any(String) };
      expect(log.lines).toMatchObject(end === first ? [] : [{ level: 'warn', facts }]);
    }
    const journal = await open(disk);
    await journal.commit([item(4), checkpoint('4')]);
    expect(await linesOf(disk)).toEqual([item(1), checkpoint('1'), item(4), checkpoint('4')]);
  });

  it('cuts a tail of zeros off, which some file systems leave after a power cut', async () => {
    const { disk } = await twoCommits();
    const whole = text(disk);
    put(disk, `${whole}${'\0'.repeat(4096)}`);
    expect(plain(await open(disk)).items).toBe(3);
    expect(text(disk)).toBe(whole);
  });

  it('throws JOURNAL naming the file when any byte before the last write is changed', async () => {
    const { disk, first } = await twoCommits();
    const whole = text(disk);
    for (let at = 0; at < first; at++) {
      put(disk, whole.slice(0, at) + String.fromCharCode(whole.charCodeAt(at) ^ 1) + whole.slice(at + 1));
      await expect(open(disk)).rejects.toMatchObject({ code: 'JOURNAL', message: expect.stringContaining(FIRST_FILE) });
      expect((await recordsOf(disk)).some((record) => 'problem' in record)).toBe(true);
    }
  });

  it('throws JOURNAL when a line before the last write is missing', async () => {
    const { disk } = await twoCommits();
    const lines = text(disk).split('\n');
    for (const gone of [0, 1]) {
      put(disk, lines.filter((_, index) => index !== gone).join('\n'));
      await expect(open(disk)).rejects.toMatchObject({ code: 'JOURNAL' });
    }
  });

  it('throws JOURNAL when a file ends in the middle of a commit and another follows', async () => {
    const { disk, first } = await twoCommits();
    const whole = text(disk);
    for (const end of [first + 5, whole.indexOf('\n', first) + 1]) {
      put(disk, whole.slice(0, end));
      disk.put(NEXT_FILE, '');
      await expect(open(disk)).rejects.toMatchObject({
        code: 'JOURNAL',
        message: expect.stringContaining('2026-11-23'),
      });
    }
  });

  it('continues when a crash left an empty file of the next day', async () => {
    const { disk } = await twoCommits();
    disk.put(NEXT_FILE, '');
    const journal = await open(disk);
    expect(plain(journal).items).toBe(3);
    await journal.commit([checkpoint('4')]);
    await journal.close();
    expect(disk.content(NEXT_FILE)?.length).toBeGreaterThan(0);
    expect(plain(await open(disk)).checkpoints).toMatchObject([{ position: '4' }]);
  });

  it('throws JOURNAL when the journal is shorter than in the snapshot, altered, or missing', async () => {
    const { disk, first } = await twoCommits({ close: true });
    const whole = text(disk);
    put(disk, whole.slice(0, first));
    await expect(open(disk)).rejects.toMatchObject({ code: 'JOURNAL', message: expect.stringContaining('cut short') });
    put(disk, whole.replace('"position":"3"', '"position":"4"'));
    await expect(open(disk)).rejects.toMatchObject({ code: 'JOURNAL', message: expect.stringContaining('altered') });
    disk.put(FIRST_FILE, undefined);
    await expect(open(disk)).rejects.toMatchObject({ code: 'JOURNAL', message: expect.stringContaining('missing') });
    await expect(open(disk, undefined, true)).rejects.toMatchObject({ code: 'JOURNAL' });
  });

  it('throws JOURNAL naming the file when a file before the snapshot is missing, cut or grown', async () => {
    const { disk } = await threeDays();
    for (const path of [FIRST_FILE, NEXT_FILE]) {
      const whole = disk.content(path) ?? Buffer.alloc(0);
      for (const content of [undefined, whole.subarray(1), '', Buffer.concat([whole, Buffer.from('\n')])]) {
        disk.put(path, content);
        const problem = content === undefined ? 'is missing' : 'was altered';
        const refused = { code: 'JOURNAL', message: expect.stringContaining(`${path} ${problem}`) };
        await expect(open(disk)).rejects.toMatchObject(refused);
        await expect(open(disk, undefined, true)).rejects.toMatchObject(refused);
      }
      disk.put(path, whole);
    }
    expect(plain(await open(disk)).items).toBe(3);
  });

  it('records the sizes of earlier files whether it wrote them or read them', async () => {
    const { disk } = await threeDays();
    const written = disk.content(SNAPSHOT)?.toString();
    expect(JSON.parse(written ?? '')).toMatchObject({
      file: '2026-11-25.ndjson',
      earlier: [FIRST_FILE, NEXT_FILE].map((path) => {
        return { file: path.slice(-'2026-11-23.ndjson'.length), size: disk.content(path)?.length };
      }),
    });
    disk.put(SNAPSHOT, undefined);
    await (await open(disk)).close();
    expect(disk.content(SNAPSHOT)?.toString()).toBe(written);
  });

  it('reads a snapshot without earlier files', async () => {
    const { disk } = await threeDays();
    const { earlier: _, check: __, ...old } = JSON.parse(disk.content(SNAPSHOT)?.toString() ?? '');
    const body = JSON.stringify(old).slice(0, -1);
    disk.put(SNAPSHOT, `${body},"check":"${hash('sha256', body).slice(0, 32)}"}\n`);
    disk.put(FIRST_FILE, undefined);
    expect(plain(await open(disk)).items).toBe(3);
  });

  it('throws JOURNAL naming the snapshot when it is altered or cut, and rebuilds it when it is deleted', async () => {
    const { disk } = await twoCommits({ close: true });
    const whole = disk.content(SNAPSHOT)?.toString('latin1') ?? '';
    const damaged = [
      '',
      'malformed',
      ...Array.from(whole, (_, at) => whole.slice(0, at)),
      ...Array.from(
        whole,
        (c, at) => whole.slice(0, at) + String.fromCharCode(c.charCodeAt(0) ^ 2) + whole.slice(at + 1),
      ),
    ];
    for (const content of damaged) {
      disk.put(SNAPSHOT, Buffer.from(content, 'latin1'));
      await expect(open(disk)).rejects.toMatchObject({
        code: 'JOURNAL',
        message: expect.stringContaining(SNAPSHOT),
        remedy: expect.stringContaining('Delete that file'),
      });
    }
    disk.put(SNAPSHOT, undefined);
    const journal = await open(disk);
    expect(plain(journal).items).toBe(3);
    await journal.close();
    expect(disk.content(SNAPSHOT)?.toString('latin1')).toBe(whole);
  });

  it('throws LOCKED before it writes when another process has written to the journal', async () => {
    const { disk } = await twoCommits();
    const [one, other] = [await open(disk), await open(disk)];
    await one.commit([checkpoint('4')]);
    const before = text(disk);
    await expect(other.commit([checkpoint('5')])).rejects.toMatchObject({ code: 'LOCKED' });
    expect(text(disk)).toBe(before);
  });

  it.each<[string, (disk: MemoryDisk) => void]>([
    ['has written', (disk) => put(disk, `${text(disk)}x`)],
    ['has replaced the file with an equal one', (disk) => put(disk, text(disk))],
    ['has cut the file', (disk) => put(disk, text(disk).slice(0, -1))],
    ['has removed the file', (disk) => disk.put(FIRST_FILE, undefined)],
  ])('throws LOCKED after its own commits when another process %s', async (_, meddle) => {
    const { disk } = await twoCommits();
    const journal = await open(disk);
    await journal.commit([checkpoint('4')]);
    meddle(disk);
    const before = text(disk);
    await expect(journal.commit([checkpoint('5')])).rejects.toMatchObject({ code: 'LOCKED' });
    expect(text(disk)).toBe(before);
    await expect(journal.close()).rejects.toMatchObject({ code: 'LOCKED' });
  });
});
