import { describe, expect, it } from 'vitest';
import { hasCode } from '../../../src/errors.js';
import { acquireLock, type Processes } from '../../../src/journal/lock.js';
import { MemoryDisk } from '../../support/memory-disk.js';
import { DIRECTORY, STILL } from './journal-fixture.js';

const LOCK = `${DIRECTORY}/lock`;

/** Processes of one host: pid → start time. `own` is the pid that asks. */
function processes(own: number, alive: { [pid: number]: string | undefined }, host = 'host-a'): Processes {
  return { pid: own, host, isAlive: (pid) => pid in alive, startTimeOf: (pid) => alive[pid] };
}

function take(disk: MemoryDisk, who: Processes) {
  return acquireLock({ disk, clock: STILL, processes: who }, DIRECTORY);
}

describe('acquireLock', () => {
  it('refuses a second process, naming host, pid and since when, until the first lets go', async () => {
    const disk = new MemoryDisk();
    const alive = { 1: 'a', 2: 'b' };
    const lock = await take(disk, processes(1, alive));
    await expect(take(disk, processes(2, alive))).rejects.toMatchObject({
      code: 'LOCKED',
      message: `The archive folder is in use by process 1 on host-a since 2026-11-23T12:00:00.000Z (${LOCK}).`,
      remedy: expect.stringContaining('Stop that process'),
    });
    await lock.release();
    await (await take(disk, processes(2, alive))).release();
    expect(disk.paths()).toEqual([]);
  });

  it('refuses the same process a second time', async () => {
    for (const start of ['a', undefined]) {
      const disk = new MemoryDisk();
      const own = processes(1, { 1: start });
      const lock = await take(disk, own);
      await expect(take(disk, own)).rejects.toMatchObject({ code: 'LOCKED' });
      await lock.release();
    }
  });

  it.each<[string, number, { [pid: number]: string | undefined }]>([
    ['is dead', 2, { 2: 'b' }],
    ['has a pid that another process has now', 2, { 1: 'later', 2: 'b' }],
    ['had the pid that we have now', 1, { 1: 'later' }],
  ])('takes over when the owner %s', async (_, own, alive) => {
    const disk = new MemoryDisk();
    await take(disk, processes(1, { 1: 'a' }));
    await take(disk, processes(own, alive));
    expect(disk.paths()).toEqual([LOCK]);
    expect(JSON.parse(disk.content(LOCK)?.toString() ?? '')).toMatchObject({ pid: own, startTime: alive[own] });
  });

  it('refuses when the owner is on another host, and says when to delete the file', async () => {
    const disk = new MemoryDisk();
    await take(disk, processes(1, {}, 'host-b\u001b[31m'));
    await expect(take(disk, processes(2, { 2: 'b' }))).rejects.toMatchObject({
      code: 'LOCKED',
      message: expect.stringContaining('process 1 on host-b\\u{1b}[31m'),
      remedy: expect.stringContaining(`Delete the file ${LOCK} if`),
    });
  });

  it.each(['', 'rubbish', '{}', '{"host":"host-a","pid":0,"since":"","id":""}', 'null'])(
    'refuses when the lock is %j',
    async (content) => {
      const disk = new MemoryDisk();
      disk.put(LOCK, content);
      await expect(take(disk, processes(2, { 2: 'b' }))).rejects.toMatchObject({
        code: 'LOCKED',
        remedy: expect.stringContaining('Delete the file'),
      });
    },
  );

  it('lets exactly one of many win when all see the same dead owner', async () => {
    const pids = Array.from({ length: 10 }, (_, index) => index + 10);
    const alive = Object.fromEntries(pids.map((pid) => [pid, `start-${pid}`]));
    for (let round = 0; round < 20; round++) {
      const disk = new MemoryDisk();
      await take(disk, processes(1, { 1: 'a' }));
      const results = await Promise.allSettled(
        pids.map(async (pid, index) => {
          for (let tick = 0; tick < (index * round) % 23; tick++) await Promise.resolve();
          return take(disk, processes(pid, alive));
        }),
      );
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const refused = results.filter((result) => result.status === 'rejected');
      expect(refused.every(({ reason }) => hasCode(reason, 'LOCKED'))).toBe(true);
      expect(disk.paths()).toEqual([LOCK]);
    }
  });

  it('does not take a lock that changed hands after its dead owner was seen', async () => {
    const disk = new MemoryDisk();
    const alive = { 2: 'b', 3: 'c' };
    await take(disk, processes(1, { 1: 'a' }));
    const createExclusive = disk.createExclusive.bind(disk);
    disk.createExclusive = async (path, content) => {
      if (path === LOCK) return createExclusive(path, content);
      disk.createExclusive = createExclusive; // the slow one has seen the dead owner; now the fast one takes over
      await take(disk, processes(3, alive));
      return createExclusive(path, content);
    };
    await expect(take(disk, processes(2, alive))).rejects.toMatchObject({
      code: 'LOCKED',
      message: expect.stringContaining('process 3'),
    });
    expect(disk.paths()).toEqual([LOCK]);
  });

  it('takes over at last wherever the processes that took over before it died', async () => {
    for (let steps = 1; ; steps++) {
      const before = new MemoryDisk();
      await take(before, processes(1, { 1: 'a' }));
      const first = before.kill();
      first.stopAfter(steps);
      const died = await take(first, processes(2, { 2: 'b' })).then(
        () => false,
        () => true,
      );
      const second = first.kill();
      second.stopAfter(Math.max(1, 6 - steps));
      await take(second, processes(3, { 3: 'c' })).catch(() => undefined);
      const disk = second.kill();
      await take(disk, processes(4, { 4: 'd' }));
      await expect(take(disk, processes(5, { 4: 'd', 5: 'e' }))).rejects.toMatchObject({ code: 'LOCKED' });
      if (!died) break;
    }
  });

  it('leaves the lock alone on release when somebody else has it by now', async () => {
    const disk = new MemoryDisk();
    const lock = await take(disk, processes(1, { 1: 'a' }));
    disk.put(LOCK, undefined);
    await take(disk, processes(2, { 2: 'b' }));
    await lock.release();
    expect(disk.paths()).toEqual([LOCK]);
  });
});
