import { describe, expect, it } from 'vitest';
import { openJournal } from '../../../src/journal/open-journal.js';
import { MemoryDisk } from '../../support/memory-disk.js';
import { SIMULATED_START, simulatedClock } from '../../support/simulated-clock.js';
import { checkpoint, DIRECTORY, FIRST_FILE, item, linesOf, open, plain, SNAPSHOT, STREAM } from './journal-fixture.js';

const DAY = 86_400_000;

describe('openJournal', () => {
  it('returns after a restart what was committed', async () => {
    const disk = new MemoryDisk();
    const journal = await open(disk);
    await journal.commit([item(1), item(2), checkpoint('2')]);
    await journal.commit([checkpoint('9', { ShardId: 'shard-2' })]);
    const state = plain(journal);
    expect(state).toMatchObject({ items: 2, checkpoints: [{ position: '2' }, { position: '9' }] });
    const killed = disk.kill();
    expect(plain(await open(killed))).toEqual(state);
    expect(await linesOf(killed)).toEqual([item(1), item(2), checkpoint('2'), checkpoint('9', { ShardId: 'shard-2' })]);
  });

  it('resolves a commit only when it survives a power cut', async () => {
    const disk = new MemoryDisk();
    const journal = await open(disk);
    await journal.commit([item(1), checkpoint('1')]);
    expect(await linesOf(disk.crash({ random: () => 0 }))).toHaveLength(2);
  });

  it('writes concurrent commits with one append and one sync, in the order of the calls', async () => {
    const disk = new MemoryDisk();
    const journal = await open(disk);
    await journal.commit([checkpoint('0')]);
    const before = disk.mutations;
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 50 }, async (_, n) => {
        await journal.commit([item(n), checkpoint(`${n}`)]);
        order.push(n);
      }),
    );
    expect(disk.mutations - before).toBe(2);
    expect(order).toEqual(Array.from({ length: 50 }, (_, n) => n));
    expect(plain(journal)).toMatchObject({ items: 50, checkpoints: [{ position: '49' }] });
  });

  it('writes a commit that is added at the very end of a write', async () => {
    const journal = await open(new MemoryDisk());
    for (let n = 0; n < 20; n++) {
      let work = journal.commit([checkpoint(`${n}`)]);
      for (let tick = 0; tick < n; tick++) work = work.then(() => undefined);
      await work;
    }
    expect(plain(journal).checkpoints).toMatchObject([{ position: '19' }]);
  });

  it('rejects a commit that could be recovered in part', async () => {
    const journal = await open(new MemoryDisk());
    for (const lines of [[], [item(1)], [checkpoint('1'), item(1)], [item(1), checkpoint('1'), checkpoint('2')]]) {
      await expect(journal.commit(lines)).rejects.toMatchObject({ code: 'INTERNAL' });
    }
    await journal.commit([checkpoint('1'), item(1), checkpoint('2')]);
  });

  it('continues in a new file each day, and never in an older one when the clock is set back', async () => {
    const disk = new MemoryDisk();
    let now = SIMULATED_START;
    const clock = { ...simulatedClock(), now: () => now };
    const journal = await open(disk, clock);
    for (const at of [0, DAY, -3 * DAY, 2 * DAY]) {
      now = SIMULATED_START + at;
      await journal.commit([item(at), checkpoint(`${Math.abs(at)}`)]);
    }
    await journal.close();
    now = SIMULATED_START;
    const again = await open(disk, clock);
    await again.commit([checkpoint('999')]);
    expect(await disk.list(`${DIRECTORY}/journal`)).toEqual([
      '2026-11-23.ndjson',
      '2026-11-24.ndjson',
      '2026-11-25.ndjson',
    ]);
    expect((await linesOf(disk)).filter((line) => line.type === 'checkpoint').map((line) => line.position)).toEqual([
      '0',
      `${DAY}`,
      `${3 * DAY}`,
      `${2 * DAY}`,
      '999',
    ]);
    expect(plain(await open(disk.crash({ random: () => 0 })))).toEqual(plain(again));
  });

  it('rejects the waiting commits and all later ones with the first error of the disk, and keeps what was committed', async () => {
    for (const operation of ['append', 'sync', 'openAppend'] as const) {
      const disk = new MemoryDisk();
      const journal = await open(disk);
      if (operation !== 'openAppend') await journal.commit([item(1), checkpoint('1')]);
      const before = disk.content(FIRST_FILE)?.length ?? 0;
      disk.failNext(operation, 'ENOSPC');
      const results = await Promise.allSettled([2, 3].map((n) => journal.commit([item(n), checkpoint(`${n}`)])));
      for (const result of results) {
        expect(result).toMatchObject({
          reason: { code: 'DISK', message: expect.stringContaining('the disk is full') },
        });
      }
      await expect(journal.commit([checkpoint('4')])).rejects.toBe(
        results[0]?.status === 'rejected' && results[0].reason,
      );
      expect(() => journal.checkpointLazily(checkpoint('5'))).toThrow('the disk is full');
      await expect(journal.close()).rejects.toMatchObject({ code: 'DISK' });
      expect(disk.content(FIRST_FILE)?.length ?? 0).toBe(before);
      const again = await open(disk.kill());
      expect(plain(again)).toMatchObject(before === 0 ? { items: 0 } : { items: 1, checkpoints: [{ position: '1' }] });
      await again.commit([checkpoint('6')]);
    }
  });

  it('continues at the next start when a failed write could not be cut off', async () => {
    const disk = new MemoryDisk();
    const journal = await open(disk);
    await journal.commit([item(1), checkpoint('1')]);
    disk.failWhen((operation) => (operation === 'append' || operation === 'truncate' ? 'EIO' : undefined));
    await expect(journal.commit([item(2), checkpoint('2')])).rejects.toMatchObject({ code: 'DISK' });
    const again = await open(disk.kill());
    expect(plain(again).items).toBe(1);
    await again.commit([item(3), checkpoint('3')]);
  });

  it('writes the snapshot on close, reads only what follows it, and works without it', async () => {
    const disk = new MemoryDisk();
    const journal = await open(disk);
    for (let n = 0; n < 300; n++) await journal.commit([item(n), checkpoint(`${n}`, { ShardId: `s${n % 7}` })]);
    await journal.commit([{ type: 'gap', stream: STREAM, ShardId: 's', to: '2026', reason: 'r', at: '2026' }]);
    await journal.commit([checkpoint('10', { segments: [{ file: 'f', length: 5 }] })]);
    await journal.close();
    const state = plain(journal);
    let bytes = 0;
    const readAt = disk.readAt.bind(disk);
    disk.readAt = async (path, position, length) => {
      const part = await readAt(path, position, length);
      bytes += part.length;
      return part;
    };
    expect(plain(await open(disk))).toEqual(state);
    expect(bytes).toBeLessThan(500);
    disk.put(SNAPSHOT, undefined);
    expect(plain(await open(disk))).toEqual(state);
    expect(bytes).toBeGreaterThan(50_000);
  });

  it('writes the snapshot from time to time, and only when something changed', async () => {
    const disk = new MemoryDisk();
    const clock = simulatedClock();
    const journal = await open(disk, clock);
    await journal.commit([checkpoint('1')]);
    expect(disk.content(SNAPSHOT)).toBeUndefined();
    await clock.advance(60_000);
    await journal.commit([checkpoint('2')]);
    await clock.advance(0);
    const first = disk.content(SNAPSHOT)?.toString();
    expect(first).toContain('"position":"2"');
    for (let n = 0; n < 1000; n++) await journal.commit([checkpoint(`n${n}`)]);
    await clock.advance(0);
    expect(disk.content(SNAPSHOT)?.toString()).toContain('"position":"n999"');
    const before = disk.mutations;
    await journal.close();
    expect(disk.mutations).toBe(before);
  });

  it('warns and continues when only the snapshot cannot be written', async () => {
    const disk = new MemoryDisk();
    const warnings: object[] = [];
    const log = { debug() {}, info() {}, error() {}, warn: (facts: object) => void warnings.push(facts) };
    const journal = await openJournal({ disk, clock: simulatedClock(), log }, { directory: DIRECTORY });
    await journal.commit([checkpoint('1')]);
    disk.failNext('write', 'ENOSPC');
    await journal.close();
    expect(warnings).toHaveLength(1);
    expect(plain(await open(disk)).checkpoints).toMatchObject([{ position: '1' }]);
  });

  it('writes nothing when it is read only, and skips what is not committed', async () => {
    const disk = new MemoryDisk();
    expect(plain(await open(disk, undefined, true)).items).toBe(0);
    expect(disk.mutations).toBe(0);
    const journal = await open(disk);
    await journal.commit([item(1), checkpoint('1')]);
    disk.put(FIRST_FILE, `${disk.content(FIRST_FILE)}{"type":"it`);
    const before = disk.mutations;
    const reader = await open(disk, undefined, true);
    expect(plain(reader).items).toBe(1);
    await expect(reader.commit([checkpoint('1')])).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(() => reader.checkpointLazily(checkpoint('1'))).toThrow('reading only');
    await reader.close();
    expect(disk.mutations).toBe(before);
  });

  it('rejects commits after it was closed', async () => {
    const journal = await open(new MemoryDisk());
    const waiting = journal.commit([checkpoint('1')]);
    await Promise.all([journal.close(), journal.close()]);
    await waiting;
    await expect(journal.commit([checkpoint('2')])).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});
