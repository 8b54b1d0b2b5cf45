import { describe, expect, it } from 'vitest';
import type { ArchivedItem, ItemEntry, ItemStore, SegmentLength, Written } from '../../../src/ports/index.js';
import { createEntryReader } from '../../../src/restore/entry-reader.js';
import { openSegmentStore, type SegmentStoreOptions } from '../../../src/store/segment-store.js';
import { archivedItems } from '../../support/archived-items.js';
import { DELETED_AT } from '../../support/change-record.js';
import { type DiskOperation, MemoryDisk } from '../../support/memory-disk.js';
import { type SimulatedClock, simulatedClock } from '../../support/simulated-clock.js';

const DIRECTORY = '/archive';
const NOON = 'year=2026/month=11/day=23/hour=12';
const HOUR = 3600;

/** What a journal records of the commits. */
class Commits {
  readonly entries: ItemEntry[] = [];
  readonly open = new Map<string, number>();
  readonly closed = new Map<string, number>();
  count = 0;

  readonly commit = async ({ items, segments = [] }: Written): Promise<void> => {
    this.count++;
    this.entries.push(...items);
    for (const { file, length, closed } of segments) {
      if (closed === true) {
        this.open.delete(file);
        this.closed.set(file, length);
      } else this.open.set(file, length);
    }
  };
}

interface Setup {
  readonly disk: MemoryDisk;
  readonly clock: SimulatedClock;
  readonly store: ItemStore;
}

async function open(options: Partial<SegmentStoreOptions> = {}, disk = new MemoryDisk()): Promise<Setup> {
  const clock = simulatedClock();
  const store = await openSegmentStore(
    { disk, clock },
    { directory: DIRECTORY, format: 'item', compress: 'gzip', segmentSize: 1e6, ...options },
  );
  return { disk, clock, store };
}

/** The archived lines, read through their entries; fails when one is not what was archived. */
async function readBack(disk: MemoryDisk, entries: readonly ItemEntry[]): Promise<string[]> {
  const read = createEntryReader({ disk, directory: DIRECTORY });
  const texts: string[] = [];
  for (const entry of entries) {
    const content = await read(entry);
    expect(content).toHaveProperty('text');
    if ('text' in content) texts.push(content.text);
  }
  return texts;
}

function itemLines(items: readonly ArchivedItem[]): string[] {
  return items.map(({ body }) => `{"Item":${body}}`);
}

function segmentsOn(disk: MemoryDisk): string[] {
  return disk.paths().map((path) => path.slice(DIRECTORY.length + 1));
}

describe.each(['gzip', 'none'] as const)('openSegmentStore with compress %s', (compress) => {
  const extension = compress === 'gzip' ? '.json.gz' : '.json';

  it('appends pages to one open segment, which gets its final name at the end', async () => {
    const { disk, store } = await open({ compress });
    const commits = new Commits();
    const items = archivedItems(25);
    await store.write(items.slice(0, 10), commits.commit);
    await store.write(items.slice(10), commits.commit);
    expect(segmentsOn(disk)).toEqual([expect.stringMatching(/^\.ttl-archive\/open\/[^/]+\.open$/)]);
    expect(await readBack(disk, commits.entries)).toEqual(itemLines(items));
    const [[file, length] = ['', 0]] = commits.open;
    expect(file.startsWith(`${NOON}/000000000000000000000-`)).toBe(true);
    expect(file.endsWith(extension)).toBe(true);
    await store.close();
    expect(segmentsOn(disk)).toEqual([file]);
    expect(disk.content(`${DIRECTORY}/${file}`)).toHaveLength(length);
    expect(await readBack(disk, commits.entries)).toEqual(itemLines(items));
  });

  it('lists every item once, in the order of the page, when the page spans hours', async () => {
    const { disk, store } = await open({ compress });
    const commits = new Commits();
    const early = archivedItems(3, { deletedAt: DELETED_AT - 1 });
    const late = archivedItems(3, { from: 10 });
    const page = [early[0], late[0], early[1], late[1], late[2], early[2]].filter((item) => item !== undefined);
    await store.write(page, commits.commit);
    await store.close();
    expect(commits.count).toBe(1);
    expect(segmentsOn(disk)).toEqual([
      expect.stringContaining('year=2026/month=11/day=23/hour=11/'),
      expect.stringContaining(NOON),
    ]);
    expect(commits.entries.map(({ eventID }) => eventID)).toEqual(page.map(({ record }) => record.eventID));
    expect(await readBack(disk, commits.entries)).toEqual(itemLines(page));
  });

  it('begins the next segment when one is full, and records which one was closed', async () => {
    const { disk, store } = await open({ compress, segmentSize: 200 });
    const commits = new Commits();
    const items = archivedItems(60);
    for (let start = 0; start < 60; start += 10) await store.write(items.slice(start, start + 10), commits.commit);
    await store.close();
    expect(segmentsOn(disk).length).toBeGreaterThan(2);
    expect([...commits.closed.keys(), ...commits.open.keys()].toSorted()).toEqual(segmentsOn(disk));
    expect(commits.closed.size).toBeGreaterThanOrEqual(segmentsOn(disk).length - 2);
    expect(await readBack(disk, commits.entries)).toEqual(itemLines(items));
  });

  it('commits only what survives a power cut', async () => {
    const { disk, store } = await open({ compress });
    const commits = new Commits();
    const items = archivedItems(10);
    await store.write(items.slice(0, 5), commits.commit);
    let after = disk;
    await store.write(items.slice(5), async (written) => {
      await commits.commit(written);
      after = disk.crash({ random: () => 0 });
    });
    expect(await readBack(after, commits.entries)).toEqual(itemLines(items));
  });

  it.each(['record', 'plain'] as const)('writes format %s without a wrapper', async (format) => {
    const { disk, store } = await open({ compress, format });
    const commits = new Commits();
    const items = archivedItems(3, { format });
    await store.write(items, commits.commit);
    expect(await readBack(disk, commits.entries)).toEqual(items.map(({ body }) => body.toString()));
    await store.close();
  });
});

describe('openSegmentStore', () => {
  it('calls the commits in the order of the bytes, and syncs once for all waiting pages', async () => {
    const { disk, store } = await open({ compress: 'none' });
    const counts = new Map<DiskOperation, number>();
    disk.failWhen((operation) => {
      counts.set(operation, (counts.get(operation) ?? 0) + 1);
      return undefined;
    });
    const commits = new Commits();
    const pages = Array.from({ length: 40 }, (_, page) => archivedItems(5, { from: page * 5 }));
    await Promise.all(pages.map((page) => store.write(page, commits.commit)));
    const offsets = commits.entries.map(({ offset }) => offset ?? -1);
    expect(offsets).toEqual([...new Set(offsets)].toSorted((a, b) => a - b));
    expect(counts.get('append')).toBe(40);
    expect(counts.get('sync')).toBeLessThanOrEqual(10);
    expect(await readBack(disk, commits.entries)).toHaveLength(200);
    await store.close();
  });

  it('appends while commits wait for the journal', async () => {
    const { store } = await open();
    let release = (): void => undefined;
    const journal = new Promise<void>((resolve) => {
      release = resolve;
    });
    const order: number[] = [];
    const first = store.write(archivedItems(1), () => {
      order.push(1);
      return journal;
    });
    await store.write(archivedItems(1, { from: 1 }), async () => {
      order.push(2);
    });
    expect(order).toEqual([1, 2]);
    release();
    await first;
    await store.close();
  });

  it('gives a full segment its final name only when all its bytes are committed', async () => {
    const { disk, clock, store } = await open({ compress: 'none', segmentSize: 1 });
    let release = (): void => undefined;
    const writing = store.write(
      archivedItems(1),
      () =>
        new Promise<void>((resolve) => {
          release = resolve;
        }),
    );
    await clock.advance(1000);
    expect(segmentsOn(disk)).toEqual([expect.stringContaining('.open')]);
    release();
    await writing;
    await clock.advance(1000);
    expect(segmentsOn(disk)).toEqual([expect.stringContaining(NOON)]);
    await store.close();
  });

  it('closes a segment when its hour is over, also without a page', async () => {
    const { disk, clock, store } = await open();
    const commits = new Commits();
    await store.write(archivedItems(1), commits.commit); // the clock says noon, as the item does
    await clock.advance(64 * 60_000);
    expect(segmentsOn(disk)[0]).toContain('.open');
    await clock.advance(2 * 60_000);
    expect(segmentsOn(disk)[0]).toContain(NOON);
    expect(clock.sleeping).toBe(0);
    await store.write(archivedItems(1, { from: 1, deletedAt: DELETED_AT + HOUR }), commits.commit);
    expect([...commits.closed.keys()]).toEqual([segmentsOn(disk).find((file) => file.startsWith(NOON))]);
    await store.close();
  });

  it('keeps the segment of a past hour open while a backlog fills it', async () => {
    const { disk, clock, store } = await open();
    const commits = new Commits();
    const past = DELETED_AT - 10 * HOUR;
    for (let page = 0; page < 5; page++) {
      await store.write(archivedItems(3, { from: page * 3, deletedAt: past }), commits.commit);
      await clock.advance(4 * 60_000);
    }
    expect(segmentsOn(disk)).toHaveLength(1);
    expect(segmentsOn(disk)[0]).toContain('.open');
    await clock.advance(2 * 60_000);
    expect(segmentsOn(disk)).toEqual([expect.stringContaining('day=23/hour=02/')]);
    await store.close();
  });

  it('keeps at most 48 segments open', async () => {
    const { disk, store } = await open();
    const commits = new Commits();
    for (let hour = 0; hour < 60; hour++) {
      await store.write(archivedItems(1, { from: hour, deletedAt: DELETED_AT - hour * HOUR }), commits.commit);
    }
    expect(segmentsOn(disk).filter((file) => file.endsWith('.open')).length).toBeLessThanOrEqual(49);
    await store.close();
    expect(await readBack(disk, commits.entries)).toHaveLength(60);
  });

  it('commits an empty page', async () => {
    const { disk, store } = await open();
    const written: Written[] = [];
    await store.write([], async (facts) => {
      written.push(facts);
    });
    expect(written).toEqual([{ items: [] }]);
    await store.close();
    expect(disk.paths()).toEqual([]);
  });

  it('never overwrites a closed segment when a record is archived again', async () => {
    const first = await open();
    const commits = new Commits();
    await first.store.write(archivedItems(2), commits.commit);
    await first.store.close();
    const second = await open({}, first.disk);
    await second.store.write(archivedItems(2), commits.commit);
    await second.store.close();
    expect(segmentsOn(first.disk)).toHaveLength(2);
    expect(await readBack(first.disk, commits.entries)).toHaveLength(4);
  });

  it('rejects writes after it was closed', async () => {
    const { store } = await open();
    await store.close();
    await expect(store.write(archivedItems(1), new Commits().commit)).rejects.toThrow('closed');
  });

  it('begins a new segment after so many items, whatever their size', async () => {
    const { disk, store } = await open({ maxItems: 3 });
    const commits = new Commits();
    for (let from = 0; from < 8; from += 2) await store.write(archivedItems(2, { from }), commits.commit);
    await store.close();
    expect(segmentsOn(disk)).toHaveLength(2);
  });

  it('tells a listener where segments begin and that they are closed, and leaves that out of the commits', async () => {
    const told: string[] = [];
    const listener = {
      begun: (file: string) => told.push(`begun ${file}`),
      closed: (segments: readonly SegmentLength[]) => told.push(...segments.map(({ file }) => `closed ${file}`)),
    };
    const { disk, store } = await open({ segmentSize: 1, listener });
    const commits = new Commits();
    await store.write(archivedItems(2), commits.commit);
    await store.write(archivedItems(2, { from: 2 }), commits.commit);
    expect(await store.close()).toEqual([]);
    const files = [...commits.open.keys()];
    expect(files).toHaveLength(2);
    expect(commits.closed.size).toBe(0);
    expect(told.toSorted()).toEqual(files.flatMap((file) => [`begun ${file}`, `closed ${file}`]).toSorted());
    expect(segmentsOn(disk)).toHaveLength(2);
  });
});
