import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyState } from '../../../src/journal/journal-state.js';
import type { Disk, ItemEntry, ItemStore, StorageFacts, Written } from '../../../src/ports/index.js';
import { createEntryReader } from '../../../src/restore/entry-reader.js';
import { recoverSegments } from '../../../src/store/recover-segments.js';
import { openSegmentStore } from '../../../src/store/segment-store.js';
import { archivedItems } from '../../support/archived-items.js';
import { DELETED_AT } from '../../support/change-record.js';
import { Crash, type DiskOperation, MemoryDisk } from '../../support/memory-disk.js';
import { simulatedClock } from '../../support/simulated-clock.js';

const DIRECTORY = '/archive';
const STATE = `${DIRECTORY}/.ttl-archive/open`;

/** A journal that survives crashes. */
class Committed {
  readonly entries: ItemEntry[] = [];
  readonly openSegments = new Map<string, number>();
  readonly commit = async ({ items, segments = [] }: Written): Promise<void> => {
    this.entries.push(...items);
    for (const { file, length, closed } of segments) {
      if (closed === true) this.openSegments.delete(file);
      else this.openSegments.set(file, length);
    }
  };
}

/** As `watch` does it. */
async function open(disk: Disk, committed: Committed, segmentSize = 1e6): Promise<ItemStore> {
  const { openSegments } = committed;
  const commitFacts = ({ segments }: StorageFacts) => committed.commit({ items: [], ...(segments && { segments }) });
  await recoverSegments({ disk, directory: DIRECTORY }, { state: { ...emptyState(), openSegments }, commitFacts });
  return openSegmentStore(
    { disk, clock: simulatedClock() },
    { directory: DIRECTORY, format: 'item', compress: 'gzip', segmentSize },
  );
}

async function intact(disk: MemoryDisk, entries: readonly ItemEntry[]): Promise<number> {
  const read = createEntryReader({ disk, directory: DIRECTORY });
  const contents = await Promise.all(entries.map(read));
  return contents.filter((content) => 'text' in content).length;
}

/** The disk of a killed process: two committed pages, and the damage that `after` does. */
async function killed(): Promise<{ disk: MemoryDisk; committed: Committed; file: string; length: number }> {
  const disk = new MemoryDisk();
  const committed = new Committed();
  const store = await open(disk, new Committed());
  await store.write(archivedItems(3), committed.commit);
  await store.write(archivedItems(3, { from: 3 }), committed.commit);
  const [[file, length] = ['', 0]] = committed.openSegments;
  return { disk: disk.kill(), committed, file, length };
}

function openPath(file: string): string {
  return `${STATE}/${file.slice(file.lastIndexOf('/') + 1)}.open`;
}

describe('openSegmentStore after a crash', () => {
  it('closes an open segment at its committed length, and records that', async () => {
    const { disk, committed, file, length } = await killed();
    disk.put(openPath(file), Buffer.concat([disk.content(openPath(file)) ?? Buffer.alloc(0), Buffer.from('torn')]));
    const store = await open(disk, committed);
    expect(disk.paths()).toEqual([`${DIRECTORY}/${file}`]);
    expect(disk.content(`${DIRECTORY}/${file}`)).toHaveLength(length);
    expect(await intact(disk, committed.entries)).toBe(6);
    expect(committed.openSegments).toEqual(new Map());
    await store.close();
  });

  it('closes a large segment with the same bytes', async () => {
    const disk = new MemoryDisk();
    const committed = new Committed();
    const file = 'year=2026/month=01/day=01/hour=00/1-ab.json';
    const content = Buffer.alloc(
      9_000_001,
      Uint8Array.from({ length: 251 }, (_, index) => index),
    );
    disk.put(openPath(file), content);
    committed.openSegments.set(file, content.length - 1);
    await open(disk, committed);
    expect(disk.content(`${DIRECTORY}/${file}`)?.equals(content.subarray(0, -1))).toBe(true);
  });

  it('accepts a segment that got its final name just before the crash', async () => {
    const { disk, committed, file } = await killed();
    disk.put(`${DIRECTORY}/${file}`, disk.content(openPath(file)));
    for (const left of [true, false]) {
      if (!left) disk.put(openPath(file), undefined);
      await (await open(disk, committed)).close();
      expect(disk.paths()).toEqual([`${DIRECTORY}/${file}`]);
      expect(await intact(disk, committed.entries)).toBe(6);
    }
  });

  it('closes a segment without a copy when the disk is full', async () => {
    const { disk, committed, file, length } = await killed();
    disk.put(openPath(file), Buffer.concat([disk.content(openPath(file)) ?? Buffer.alloc(0), Buffer.from('torn')]));
    disk.failNext('append', 'ENOSPC');
    await open(disk, committed);
    expect(disk.paths()).toEqual([`${DIRECTORY}/${file}`]);
    expect(disk.content(`${DIRECTORY}/${file}`)).toHaveLength(length);
    expect(await intact(disk, committed.entries)).toBe(6);
  });

  it('does not let a process that is late with a write change a segment that was closed', async () => {
    const disk = new MemoryDisk();
    const committed = new Committed();
    const suspended = await open(disk, committed);
    await suspended.write(archivedItems(3), committed.commit);
    const [[file, length] = ['', 0]] = committed.openSegments;
    const successor = await open(disk, committed);
    await suspended
      .write(archivedItems(3, { from: 3 }), () => Promise.reject(new Error('lock lost')))
      .catch(() => undefined);
    expect(disk.content(`${DIRECTORY}/${file}`)).toHaveLength(length);
    await successor.close();
    expect(disk.paths()).toEqual([`${DIRECTORY}/${file}`]);
  });

  it('removes a segment that was never committed', async () => {
    const disk = new MemoryDisk();
    disk.put(`${STATE}/000-abc.json.gz.open`, 'bytes');
    await open(disk, new Committed());
    expect(disk.paths()).toEqual([]);
  });

  it.each([
    ['is missing', (disk: MemoryDisk, file: string) => disk.put(openPath(file), undefined), 'is missing'],
    ['is too short', (disk: MemoryDisk, file: string) => disk.put(openPath(file), 'x'), 'holds 1 bytes of the'],
    [
      'has another length under its final name',
      (disk: MemoryDisk, file: string) => disk.put(`${DIRECTORY}/${file}`, 'other'),
      'holds 5 bytes instead of the',
    ],
  ])('throws JOURNAL and names the segment when it %s', async (_name, damage, message) => {
    const { disk, committed, file } = await killed();
    damage(disk, file);
    await expect(open(disk, committed)).rejects.toThrow(
      expect.objectContaining({ code: 'JOURNAL', message: expect.stringContaining(`${file} ${message}`) }),
    );
  });

  it('does not access a path outside the archive that a journal names', async () => {
    const disk = new MemoryDisk();
    disk.put('/etc/passwd', 'root');
    const forged = new Committed();
    forged.openSegments.set('../etc/passwd', 1);
    const opening = open(disk, forged);
    await expect(opening).rejects.toThrow(expect.objectContaining({ code: 'JOURNAL' }));
    expect(disk.paths()).toEqual(['/etc/passwd']);
  });
});

describe('openSegmentStore on a failing disk', () => {
  it.each(['append', 'sync', 'openAppend', 'syncDirectory'] as const satisfies DiskOperation[])(
    'commits nothing after %s failed, and keeps what was committed',
    async (operation) => {
      const disk = new MemoryDisk();
      const committed = new Committed();
      const store = await open(disk, new Committed());
      await store.write(archivedItems(3), committed.commit);
      disk.failNext(operation, 'ENOSPC');
      // Another hour: a new segment, next to one with committed bytes.
      const page = [...archivedItems(1, { from: 3 }), ...archivedItems(1, { from: 4, deletedAt: DELETED_AT - 3600 })];
      await expect(store.write(page, committed.commit)).rejects.toThrow(expect.objectContaining({ code: 'DISK' }));
      await expect(store.write(page, committed.commit)).rejects.toThrow(expect.objectContaining({ code: 'DISK' }));
      expect(committed.entries).toHaveLength(3);
      const [[file, length] = ['', 0]] = committed.openSegments;
      expect(disk.content(openPath(file))).toHaveLength(length);
      await expect(store.close()).rejects.toThrow(expect.objectContaining({ code: 'DISK' }));
      const again = await open(disk, committed);
      await again.write(page, committed.commit);
      await again.close();
      expect(await intact(disk, committed.entries)).toBe(5);
    },
  );

  it('does not close a segment whose commit failed', async () => {
    const disk = new MemoryDisk();
    const store = await open(disk, new Committed(), 1);
    await expect(store.write(archivedItems(1), () => Promise.reject(new Error('journal')))).rejects.toThrow('journal');
    await expect(store.write(archivedItems(1, { from: 1 }), new Committed().commit)).rejects.toThrow('journal');
    await expect(store.close()).rejects.toThrow('journal');
    expect(disk.paths().every((path) => path.endsWith('.open'))).toBe(true);
  });
});

describe('openSegmentStore when it is killed at any point', () => {
  it('keeps every committed item and no uncommitted byte', async () => {
    const cut = fc.record({
      step: fc.integer({ min: 1, max: 40 }),
      power: fc.boolean(),
      chance: fc.double({ min: 0, max: 0.999, noNaN: true }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(cut, { minLength: 1, maxLength: 4 }), async (cuts) => {
        const committed = new Committed();
        let disk = new MemoryDisk();
        let next = 0;
        for (const { step, power, chance } of cuts) {
          disk.stopAfter(step, () => chance);
          try {
            const store = await open(disk, committed, 400);
            for (let round = 0; round < 4; round++, next += 10) {
              const page = (from: number, hour: number) =>
                archivedItems(4, { from, deletedAt: DELETED_AT - hour * 3600 });
              const results = await Promise.allSettled([
                store.write([...page(next, 0), ...page(next + 4, 1)], committed.commit),
                store.write(archivedItems(2, { from: next + 8 }), committed.commit),
              ]);
              for (const result of results) if (result.status === 'rejected') throw result.reason;
            }
            await store.close();
          } catch (error) {
            if (!(error instanceof Crash)) throw error;
          }
          disk = power ? disk.crash({ random: () => chance }) : disk.kill();
        }
        await (await open(disk, committed)).close();
        expect(await intact(disk, committed.entries)).toBe(committed.entries.length);
        expect(disk.paths().filter((path) => path.endsWith('.open'))).toEqual([]);
        const listed = new Set(committed.entries.map(({ file }) => `${DIRECTORY}/${file}`));
        expect(disk.paths()).toEqual([...listed].toSorted());
      }),
      { numRuns: 150 },
    );
  });
});
