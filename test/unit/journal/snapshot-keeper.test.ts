import { describe, expect, it } from 'vitest';
import { encodeSnapshot } from '../../../src/journal/encode-snapshot.js';
import { applyLine, emptyState } from '../../../src/journal/journal-state.js';
import { readSnapshot } from '../../../src/journal/snapshot.js';
import { snapshotKeeper } from '../../../src/journal/snapshot-keeper.js';
import type { JournalLine } from '../../../src/ports/index.js';
import { MemoryDisk } from '../../support/memory-disk.js';
import { simulatedClock } from '../../support/simulated-clock.js';
import { checkpoint, DIRECTORY, open, plain, SNAPSHOT, STREAM } from './journal-fixture.js';

const TIP = { file: '2026-11-23.ndjson', offset: 100, lineLength: 10, prev: '', earlier: [] };
const heartbeat: JournalLine = {
  type: 'heartbeat',
  stream: STREAM,
  at: '2026-12-01T00:00:00.000Z',
  behind: [],
  getRecordsCalls: 1,
};

const shards = (count: number, position = '1', name = 's') =>
  Array.from({ length: count }, (_, index) => checkpoint(position, { ShardId: `${name}${index}` }));

/** A journal that counts the snapshots that are written. */
async function counted(disk = new MemoryDisk()) {
  const snapshots: number[] = [];
  const { replace } = disk;
  disk.replace = async (path, temporary, content) => {
    if (path === SNAPSHOT) snapshots.push(content.length);
    return replace.call(disk, path, temporary, content);
  };
  const clock = simulatedClock();
  return { disk, clock, journal: await open(disk, clock), snapshots };
}

describe('snapshotKeeper', () => {
  it('writes a large snapshot only after as many lines as it has shards', async () => {
    const { clock, journal, snapshots } = await counted();
    await journal.commit(shards(5000));
    await expect.poll(() => snapshots.length).toBe(1);
    for (let minute = 0; minute < 100; minute++) {
      await clock.advance(60_000);
      await journal.commit(shards(40, `${minute + 2}`));
    }
    expect(snapshots).toHaveLength(1);
    await journal.commit(shards(1000, '1000'));
    await expect.poll(() => snapshots.length).toBe(2);
  });

  it('does not write a large one after a run with few lines', async () => {
    const { disk, journal } = await counted();
    await journal.commit(shards(5000));
    await journal.close();
    for (let run = 0; run < 3; run++) {
      const again = await counted(disk);
      await again.journal.commit([heartbeat]);
      await again.journal.close();
      expect(again.snapshots).toEqual([]);
    }
    expect(plain(await open(disk, undefined, true)).getRecordsCalls).toBe(3);
  });

  it('warns and writes nothing when a snapshot would be too large for a reader', async () => {
    const state = emptyState();
    for (const line of shards(2000, '1', 'x'.repeat(20_000))) applyLine(state, line);
    const disk = new MemoryDisk();
    const warnings: object[] = [];
    const log = { debug() {}, info() {}, error() {}, warn: (facts: object) => void warnings.push(facts) };
    const recovered = { state, tip: TIP, lastFile: TIP.file, linesRead: 2000 };
    await snapshotKeeper({ disk, clock: simulatedClock(), log }, DIRECTORY, recovered).close(true);
    expect(disk.mutations).toBe(0);
    expect(warnings).toHaveLength(1);
  });
});

describe('encodeSnapshot', () => {
  it('returns the state at the time of the call, whatever changes meanwhile', async () => {
    const state = emptyState();
    for (const line of shards(3500)) applyLine(state, line);
    const before = structuredClone(plain({ state }));
    const encoding = encodeSnapshot(state, TIP);
    applyLine(state, heartbeat);
    for (const line of shards(3600, 'SHARD_END')) applyLine(state, line);
    applyLine(state, { ...heartbeat, dropped: ['s7', 's3400'] });
    const disk = new MemoryDisk();
    disk.put(SNAPSHOT, await encoding);
    const read = await readSnapshot(disk, DIRECTORY);
    expect(read?.tip).toEqual(TIP);
    expect(read && plain(read)).toEqual(before);
  });

  it('lets other work run in between', async () => {
    const state = emptyState();
    for (const line of shards(10_000)) applyLine(state, line);
    let turns = 0;
    let done = false;
    const count = () => {
      if (done) return;
      turns++;
      setImmediate(count);
    };
    setImmediate(count);
    await encodeSnapshot(state, TIP);
    done = true;
    expect(turns).toBeGreaterThanOrEqual(9);
  });
});
