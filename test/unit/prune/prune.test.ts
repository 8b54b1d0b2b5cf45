import { describe, expect, it } from 'vitest';
import { openJournal } from '../../../src/journal/open-journal.js';
import { Prunes, readPrunes } from '../../../src/journal/prunes.js';
import { readJournal } from '../../../src/journal/read-journal.js';
import type { JournalLine } from '../../../src/ports/index.js';
import { folderItems } from '../../../src/restore/find-in-folder.js';
import { verifyArchive } from '../../../src/verify/verify.js';
import { copyOf, LAYOUTS, makeArchive, verifyAll, watchOnce } from '../../support/agreement.js';
import { MemoryDisk } from '../../support/memory-disk.js';
import { sampleItems, writeJournal, writeSampleArchive } from '../../support/sample-archive.js';
import { simulatedClock } from '../../support/simulated-clock.js';
import { ttlDelete } from '../../support/streams-server.js';
import {
  AFTER,
  BETWEEN,
  filesSince,
  itemFiles,
  itemLines,
  journalLines,
  OUT,
  pruneDisk,
  STATE,
} from './prune-fixture.js';

const FILES = LAYOUTS[0];
const SEGMENTS = LAYOUTS[1];

async function found(disk: MemoryDisk): Promise<string[]> {
  const times: string[] = [];
  for await (const entries of folderItems({ disk, state: STATE }, {})) {
    for (const { deletedAt } of entries) times.push(deletedAt);
  }
  return times;
}

describe('prune', () => {
  it.each(LAYOUTS)('removes what is older than the time from an archive of $layout ($compress)', async (settings) => {
    const { disk } = await makeArchive(settings, 'stopped');
    const kept = filesSince(disk, BETWEEN);
    const old = itemFiles(disk).length - kept.length;
    expect(await pruneDisk(disk, BETWEEN)).toEqual({ items: 6, removed: old });
    expect(itemFiles(disk)).toEqual(kept);
    expect(await verifyAll(disk)).toEqual([]);
    expect(await found(disk)).toEqual(Array.from({ length: 6 }, () => expect.stringMatching(/^2026-11-24T01/)));
    const { state } = await openJournal({ disk, clock: simulatedClock() }, { directory: STATE, readOnly: true });
    expect(state).toMatchObject({ items: 12, pruned: { before: BETWEEN, items: 6 } });
    expect(journalLines(disk).at(-1)).toMatchObject({ type: 'checkpoint', prunedRemoved: true });
    const lines = journalLines(disk).length;
    expect(await pruneDisk(disk, BETWEEN)).toEqual({ items: 0, removed: 0 });
    expect(journalLines(disk)).toHaveLength(lines);
  });

  it('counts the same after a restart with a snapshot and without one', async () => {
    const { disk } = await makeArchive(FILES, 'stopped');
    await pruneDisk(disk, BETWEEN);
    await pruneDisk(disk, AFTER);
    const bytes = itemLines(disk).reduce((sum, { size }) => sum + Number(size), 0);
    const expected = { before: AFTER, items: 12, bytes };
    for (const snapshot of [disk.content(`${STATE}/checkpoints.json`), undefined]) {
      expect(snapshot === undefined || snapshot.includes('"pruned":{')).toBe(true);
      const copy = copyOf(disk);
      copy.put(`${STATE}/checkpoints.json`, snapshot);
      const { state } = await openJournal(
        { disk: copy, clock: simulatedClock() },
        { directory: STATE, readOnly: true },
      );
      expect(state.pruned).toEqual(expected);
    }
  });

  it('keeps a segment whose hour is not over', async () => {
    const { disk } = await makeArchive(SEGMENTS, 'stopped');
    const files = itemFiles(disk);
    expect(await pruneDisk(disk, '2026-11-23T12:59:59.999Z')).toEqual({ items: 0, removed: 0 });
    expect(itemFiles(disk)).toEqual(files);
    expect(await found(disk)).toHaveLength(12);
  });

  it.each(LAYOUTS)('continues where a killed watch left an archive of $layout ($compress)', async (settings) => {
    const { disk, model } = await makeArchive(settings, 'killed');
    await pruneDisk(disk, AFTER);
    const items = itemLines(disk).length;
    expect(await found(disk)).toEqual([]);
    // The next watch archives the rest, which was not pruned.
    expect(await watchOnce({ model, disk, settings })).toBeUndefined();
    expect(await verifyAll(disk)).toEqual([]);
    expect(await found(disk)).toHaveLength(12 - items);
  });

  it('prunes a segment that a killed watch left open', async () => {
    const disk = new MemoryDisk();
    await writeSampleArchive({ disk, directory: OUT, items: sampleItems(12), layout: 'segments', closed: false });
    expect(disk.paths().filter((path) => path.endsWith('.open'))).toHaveLength(1);
    expect(await pruneDisk(disk, AFTER)).toEqual({ items: 12, removed: 1 });
    expect(disk.paths().filter((path) => path.includes('sample-0'))).toEqual([]);
    expect(await found(disk)).toEqual([]);
    expect(await verifyAll(disk)).toEqual([]);
  });

  it('keeps what is archived later, however early it was deleted', async () => {
    for (const settings of LAYOUTS) {
      const { disk, model } = await makeArchive(settings, 'stopped');
      await pruneDisk(disk, AFTER);
      const shard = String(itemLines(disk)[0]?.['ShardId']);
      model.put(shard, {
        ...ttlDelete({ PK: { S: 'late' }, ttl: { N: '1795000000' } }),
        at: Date.UTC(2026, 10, 23, 12),
      });
      expect(await watchOnce({ model, disk, settings })).toBeUndefined();
      expect(await found(disk)).toEqual(['2026-11-23T12:00:00.000Z']);
      expect(itemFiles(disk)).toHaveLength(1);
      expect(await verifyAll(disk)).toEqual([]);
      expect(await pruneDisk(disk, AFTER)).toEqual({ items: 1, removed: 1 });
      expect(await found(disk)).toEqual([]);
    }
  });

  it('keeps items whose time of deletion is not known', async () => {
    const disk = new MemoryDisk();
    const entries = await writeSampleArchive({ disk, directory: OUT, items: sampleItems(2) });
    const [first, second] = entries.map((entry) => ({ type: 'item' as const, ...entry }));
    if (first === undefined || second === undefined) throw new Error('no items');
    await writeJournal(disk, OUT, [{ ...first, deletedAt: new Date(0).toISOString() }, second, CHECKPOINT]);
    expect(await pruneDisk(disk, AFTER)).toEqual({ items: 1, removed: 1 });
    expect(itemFiles(disk)).toEqual([first.file]);
    expect(await found(disk)).toEqual(['1970-01-01T00:00:00.000Z']);
  });

  it('changes nothing when it is not confirmed', async () => {
    const { disk } = await makeArchive(FILES, 'stopped');
    const lines = journalLines(disk);
    expect(await pruneDisk(disk, AFTER, { confirm: false })).toBeUndefined();
    expect(journalLines(disk)).toEqual(lines);
    expect(itemFiles(disk)).toHaveLength(12);
  });

  it('removes nothing by a damaged journal', async () => {
    const { disk } = await makeArchive(FILES, 'stopped');
    const path = `${STATE}/journal/2026-11-23.ndjson`;
    disk.put(path, (disk.content(path) ?? '').toString().replace('"deletedAt":"2026', '"deletedAt":"2025'));
    await expect(pruneDisk(disk, AFTER)).rejects.toMatchObject({ code: 'JOURNAL' });
    expect(itemFiles(disk)).toHaveLength(12);
  });

  it('removes the others when a file cannot be removed, and that one the next time', async () => {
    const { disk } = await makeArchive(FILES, 'stopped');
    const [stuck = ''] = itemFiles(disk);
    disk.failWhen((operation, path) => (operation === 'remove' && path.endsWith(stuck) ? 'EACCES' : undefined));
    await expect(pruneDisk(disk, AFTER)).rejects.toMatchObject({ code: 'DISK' });
    expect(itemFiles(disk)).toEqual([stuck]);
    disk.failWhen(undefined);
    expect(await verifyAll(disk)).toEqual([]);
    expect(await pruneDisk(disk, BETWEEN)).toEqual({ items: 0, removed: 1 });
    expect(itemFiles(disk)).toEqual([]);
  });

  it('removes no file that lies outside the archive', async () => {
    const disk = new MemoryDisk();
    const [entry] = await writeSampleArchive({ disk, directory: OUT, items: sampleItems(1) });
    disk.put('/other.json', 'not ours');
    if (entry === undefined) throw new Error('no items');
    await writeJournal(disk, OUT, [{ type: 'item', ...entry, file: '../other.json' }, CHECKPOINT]);
    await pruneDisk(disk, AFTER);
    expect(disk.content('/other.json')?.toString()).toBe('not ours');
  });

  it('refuses segments that are not in S3, in an archive that is uploaded', async () => {
    const { disk } = await makeArchive(SEGMENTS, 'stopped');
    const [first = '', second] = itemFiles(disk);
    const upload = async (file: string): Promise<void> => {
      const journal = await openJournal({ disk, clock: simulatedClock() }, { directory: STATE });
      await journal.commitFacts({ uploaded: [{ file, to: 's3://bucket/T', key: file, size: 1 }] });
      await journal.close();
    };
    expect(second).toBeDefined();
    await upload(first);
    await expect(pruneDisk(disk, AFTER)).rejects.toMatchObject({ code: 'TABLE' });
    expect(itemFiles(disk)).toHaveLength(2);
    expect(await pruneDisk(disk, BETWEEN)).toEqual({ items: 6, removed: 1 });
    await upload(second ?? '');
    expect(await pruneDisk(disk, AFTER)).toEqual({ items: 6, removed: 1 });
  });
});

describe('verify beside a prune', () => {
  it.each(LAYOUTS)('reports nothing that is removed meanwhile from $layout ($compress)', async (settings) => {
    const { disk } = await makeArchive(settings, 'stopped');
    await pruneDisk(disk, BETWEEN);
    const gone = filesSince(disk, BETWEEN)[0] ?? '';
    disk.put(`${OUT}/${gone}`, undefined);
    const findings: string[] = [];
    let looks = 0;
    await verifyArchive({
      disk,
      directory: OUT,
      journal: () => readJournal({ disk }, STATE),
      // It began before the prune.
      prunes: async () => (looks++ === 0 ? new Prunes([]) : readPrunes({ disk }, STATE)),
      async *files() {
        yield* itemFiles(disk);
      },
      clock: simulatedClock(),
      onFinding: ({ kind, file }) => findings.push(`${kind} ${file}`),
    });
    expect(findings).toEqual([`missing ${gone}`]);
  });
});

const CHECKPOINT: JournalLine = {
  type: 'checkpoint',
  stream: 'arn:aws:dynamodb:ddblocal:000000000000:table/Sample/stream/2026-11-24T00:00:00.000',
  ShardId: 'shardId-1',
  position: '2',
  at: '2026-11-24T00:00:00.000Z',
};
