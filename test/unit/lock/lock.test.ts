import { describe, expect, it } from 'vitest';
import { hasCode } from '../../../src/errors.js';
import { LEASE_MS } from '../../../src/lock/lease.js';
import { acquireLock, type LockOptions } from '../../../src/lock/lock.js';
import type { Processes } from '../../../src/lock/lock-holder.js';
import { readLock } from '../../../src/lock/lock-record.js';
import type { Clock, Disk } from '../../../src/ports/index.js';
import { MemoryDisk } from '../../support/memory-disk.js';
import { notedLog } from '../../support/noted-log.js';
import { simulatedClock } from '../../support/simulated-clock.js';
import { DIRECTORY, STILL } from '../journal/journal-fixture.js';

const LOCK = `${DIRECTORY}/lock`;
const GUARD = `${LOCK}.takeover`;
const LOCKED = { code: 'LOCKED' };

interface Place {
  readonly host?: string;
  readonly namespace?: string | undefined;
}

/** The processes of one boot of one host, pid → start, as the process `own` sees them. */
function processes(own: number, alive: { [pid: number]: string }, place: Place = {}): Processes {
  return {
    pid: own,
    host: 'host-a',
    namespace: 'pid:[1]',
    ...place,
    isAlive: (pid) => pid in alive,
    startTimeOf: (pid) => (alive[pid] === undefined ? undefined : `boot/${alive[pid]}`),
  };
}

/** A system where neither the start time of a process nor its namespace is known. */
function unknownStart(own: number, alive: readonly number[]): Processes {
  return { ...processes(own, {}), namespace: undefined, isAlive: (pid) => alive.includes(pid) };
}

function take(disk: Disk, who: Processes, clock: Clock = STILL, options: LockOptions = {}) {
  return acquireLock({ disk, clock, processes: who }, DIRECTORY, options);
}

/** Another container: the same host name and pid, another PID namespace. */
const otherContainer = processes(1, { 1: 'z' }, { namespace: 'pid:[2]' });
const first = processes(1, { 1: 'a' });

describe('acquireLock', () => {
  it('rejects a second process at once, naming host, pid and time, until the first releases the lock', async () => {
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

  it('rejects the same process at once when it tries again, also where its start time is not known', async () => {
    for (const own of [first, unknownStart(1, [1])]) {
      const disk = new MemoryDisk();
      const lock = await take(disk, own);
      await expect(take(disk, own)).rejects.toMatchObject(LOCKED);
      await lock.release();
    }
  });

  it.each<[string, number, { [pid: number]: string }]>([
    ['is dead', 2, { 2: 'b' }],
    ['had a pid that another process has now', 2, { 1: 'later', 2: 'b' }],
    ['had the pid that we have now', 1, { 1: 'later' }],
  ])('takes over at once when the owner %s', async (_, own, alive) => {
    const disk = new MemoryDisk();
    await take(disk, first);
    await take(disk.kill(), processes(own, alive));
    const next = disk.kill();
    await take(next, processes(own, alive));
    expect(next.paths()).toEqual([LOCK]);
    expect(await readLock({ disk: next }, DIRECTORY)).toMatchObject({ pid: own, startTime: `boot/${alive[own]}` });
  });

  it('does not take over from a live process in another PID namespace, whose pid means nothing here', async () => {
    const clock = simulatedClock();
    const disk = new MemoryDisk();
    const lock = await take(disk, first, clock);
    const taking = take(disk, otherContainer, clock);
    taking.catch(() => undefined);
    await clock.advance(LEASE_MS / 4 + 250);
    await expect(taking).rejects.toMatchObject({ ...LOCKED, message: expect.stringContaining('process 1 on host-a') });
    expect(lock.check()).toBeUndefined();
    await lock.release();
    expect(disk.paths()).toEqual([]);
  });

  it.each<[string, Processes]>([
    ['of another host', processes(2, { 2: 'b' }, { host: 'host-b' })],
    ['of another PID namespace', otherContainer],
    ['of another machine of the same name', { ...first, startTimeOf: () => 'other-boot/a' }],
    ['of a system where the start time of a process is not known', unknownStart(1, [1])],
  ])('waits for a dead process %s for a lease and no longer', async (_, holder) => {
    const clock = simulatedClock();
    const log = notedLog();
    const dead = new MemoryDisk();
    await take(dead, holder);
    const disk = dead.kill();
    const from = clock.now();
    const taken: number[] = [];
    const me = processes(7, { 7: 'g' });
    void acquireLock({ disk, clock, processes: me, log }, DIRECTORY).then(() => taken.push(clock.now() - from));
    await clock.advance(LEASE_MS - 1);
    expect(taken).toEqual([]);
    expect(log.lines).toMatchObject([
      { level: 'warn', message: expect.stringContaining('waiting to see whether it renews the lock') },
    ]);
    await clock.advance(1000);
    expect(taken).toHaveLength(1);
    expect(await readLock({ disk }, DIRECTORY)).toMatchObject({ pid: 7 });
    expect(disk.paths()).toEqual([LOCK]);
  });

  it('never compares the clocks of two machines', async () => {
    for (const years of [-30, 30]) {
      const clock = simulatedClock();
      const wrong: Clock = { ...clock, now: () => clock.now() + years * 365 * 86_400_000 };
      const disk = new MemoryDisk();
      await take(disk, processes(1, { 1: 'a' }, { host: 'host-b' }), wrong);
      const taking = take(disk, first, clock);
      taking.catch(() => undefined);
      await clock.advance(LEASE_MS);
      await expect(taking).rejects.toMatchObject(LOCKED);
    }
  });

  it.each(['', 'malformed', '{}', '{"host":"host-a","pid":0,"since":"","id":""}', 'null', '\0\0\0\0'])(
    'waits for a lease and no longer when the lock is %j',
    async (content) => {
      const clock = simulatedClock();
      const log = notedLog();
      const disk = new MemoryDisk();
      disk.put(LOCK, content);
      let taken = false;
      void acquireLock({ disk, clock, processes: first, log }, DIRECTORY).then(() => {
        taken = true;
      });
      await clock.advance(LEASE_MS - 1);
      expect(taken).toBe(false);
      await clock.advance(1000);
      expect(taken).toBe(true);
      expect(log.lines[0]).toMatchObject({ level: 'warn', message: expect.stringContaining('damaged') });
    },
  );

  it('throws LOCKED when a damaged lock changes while it waits', async () => {
    const clock = simulatedClock();
    const disk = new MemoryDisk();
    disk.put(LOCK, '');
    const taking = take(disk, first, clock);
    taking.catch(() => undefined);
    await clock.advance(1000);
    disk.put(LOCK, '{"host":');
    await clock.advance(1000);
    await expect(taking).rejects.toMatchObject(LOCKED);
  });

  describe('with a lock of an older version, which is never renewed', () => {
    const old = { host: 'host-a', pid: 1, startTime: 'boot/a', since: '2026-11-23T12:00:00.000Z', id: 'x' };
    const diskWith = (record: object): MemoryDisk => {
      const disk = new MemoryDisk();
      disk.put(LOCK, `${JSON.stringify(record)}\n`);
      return disk;
    };

    it('throws LOCKED while its process is alive', async () => {
      await expect(take(diskWith(old), processes(2, { 1: 'a', 2: 'b' }))).rejects.toMatchObject(LOCKED);
      const { startTime: _, ...withoutStart } = old;
      await expect(take(diskWith(withoutStart), unknownStart(2, [1, 2]))).rejects.toMatchObject(LOCKED);
    });

    it('takes over at once when its process is dead', async () => {
      for (const alive of [{ 2: 'b' }, { 1: 'later', 2: 'b' }]) {
        const disk = diskWith(old);
        await take(disk, processes(2, alive));
        expect(await readLock({ disk }, DIRECTORY)).toMatchObject({ pid: 2 });
      }
    });

    it('takes over after a lease when it is of another host', async () => {
      const clock = simulatedClock();
      const disk = diskWith({ ...old, host: 'host-b' });
      await clock.runUntil(take(disk, first, clock).then((lock) => lock.release()));
      expect(clock.monotonic()).toBeGreaterThanOrEqual(LEASE_MS);
    });
  });

  it('throws the reason of the signal when it is aborted while it waits', async () => {
    const clock = simulatedClock();
    const disk = new MemoryDisk();
    await take(disk, otherContainer);
    const stop = new AbortController();
    const before = disk.content(LOCK);
    const taking = take(disk, first, clock, { signal: stop.signal });
    taking.catch(() => undefined);
    await clock.advance(1000);
    stop.abort('enough');
    await expect(taking).rejects.toBe('enough');
    expect(disk.content(LOCK)).toEqual(before);
  });

  it('throws DISK when the lock can neither be created nor read, as with a broken link', async () => {
    const clock = simulatedClock();
    const disk = new MemoryDisk();
    disk.createExclusive = async () => undefined;
    await expect(clock.runUntil(take(disk, first, clock))).rejects.toMatchObject({
      code: 'DISK',
      message: expect.stringContaining(LOCK),
    });
  });

  it('succeeds for exactly one of many processes when all see the same dead holder', async () => {
    const pids = Array.from({ length: 10 }, (_, index) => index + 10);
    const alive = Object.fromEntries(pids.map((pid) => [pid, `start-${pid}`]));
    for (let round = 0; round < 20; round++) {
      const dead = new MemoryDisk();
      await take(dead, first);
      const disk = dead.kill();
      const results = await Promise.allSettled(
        pids.map(async (pid, index) => {
          for (let tick = 0; tick < (index * round) % 23; tick++) await Promise.resolve();
          return take(disk, processes(pid, alive));
        }),
      );
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const refused = results.filter((result) => result.status === 'rejected');
      expect(refused.filter(({ reason }) => !hasCode(reason, 'LOCKED'))).toEqual([]);
      expect(disk.paths()).toEqual([LOCK]);
    }
  });

  it('succeeds for exactly one of many namespaces when all wait for the same silent holder', async () => {
    const clock = simulatedClock();
    const dead = new MemoryDisk();
    await take(dead, first);
    const disk = dead.kill();
    const taking = Promise.allSettled(
      Array.from({ length: 10 }, (_, index) =>
        take(disk, processes(1, { 1: 'z' }, { namespace: `pid:[${10 + index}]` }), clock),
      ),
    );
    await clock.advance(3 * LEASE_MS);
    const results = await taking;
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(results.every((result) => result.status === 'fulfilled' || hasCode(result.reason, 'LOCKED'))).toBe(true);
    expect(disk.paths()).toEqual([LOCK]);
  });

  it('does not take over a lock that has a new holder since the dead one was seen', async () => {
    const dead = new MemoryDisk();
    await take(dead, first);
    const disk = dead.kill();
    const alive = { 2: 'b', 3: 'c' };
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

  it('gives up when it was suspended while it took over, because a successor may have the lock', async () => {
    const clock = simulatedClock();
    const dead = new MemoryDisk();
    await take(dead, first);
    const disk = dead.kill();
    let asleep = 0;
    const slow: Clock = { ...clock, monotonic: () => clock.monotonic() + asleep };
    const remove = disk.remove.bind(disk);
    disk.remove = async (path) => {
      if (path === LOCK) asleep = LEASE_MS;
      return remove(path);
    };
    await expect(take(disk, processes(2, { 2: 'b' }), slow)).rejects.toMatchObject(LOCKED);
    expect(disk.paths()).toEqual([]);
  });

  it('takes over whenever earlier processes died while they took over', async () => {
    for (let steps = 1; ; steps++) {
      const before = new MemoryDisk();
      await take(before, first);
      const killed = before.kill();
      killed.stopAfter(steps);
      const died = await take(killed, processes(2, { 2: 'b' })).then(
        () => false,
        () => true,
      );
      const second = killed.kill();
      second.stopAfter(Math.max(1, 6 - steps));
      await take(second, processes(3, { 3: 'c' })).catch(() => undefined);
      const disk = second.kill();
      await take(disk, processes(4, { 4: 'd' }));
      await expect(take(disk, processes(5, { 4: 'd', 5: 'e' }))).rejects.toMatchObject(LOCKED);
      if (!died) break;
    }
  });
});

describe('HeldLock', () => {
  it('writes the progress at each renewal, and keeps its length', async () => {
    const clock = simulatedClock();
    const disk = new MemoryDisk();
    let archived = 0;
    const progress = () => ({ shards: { open: 2, behind: 1, ended: 0 }, archived: ++archived });
    const lock = await take(disk, first, clock, { progress });
    const size = disk.content(LOCK)?.length;
    await clock.advance(LEASE_MS / 4);
    expect(await readLock({ disk }, DIRECTORY)).toMatchObject({
      since: '2026-11-23T12:00:00.000Z',
      renewedAt: '2026-11-23T12:00:05.000Z',
      renewals: 1,
      progress: { shards: { open: 2, behind: 1, ended: 0 }, archived: 1 },
    });
    expect(disk.content(LOCK)?.length).toBe(size);
    await lock.release();
    expect(clock.sleeping).toBe(0);
  });

  it('never overwrites the lock of a successor, and throws LOCKED before the next write', async () => {
    const clock = simulatedClock();
    const disk = new MemoryDisk();
    const lock = await take(disk, first, clock);
    disk.put(LOCK, 'another process');
    await clock.advance(LEASE_MS / 4);
    expect(lock.lost.aborted).toBe(true);
    await expect(lock.check()).rejects.toMatchObject(LOCKED);
    expect(disk.content(LOCK)?.toString()).toBe('another process');
    await lock.release();
    expect(disk.paths()).toEqual([LOCK]);
  });

  it.each<[string, 'monotonic' | 'now']>([
    ['was suspended', 'monotonic'],
    ['slept with the machine, whose monotonic clock stopped', 'now'],
  ])('renews before the next write when the process %s', async (_, which) => {
    const suspended = async () => {
      const clock = simulatedClock();
      const disk = new MemoryDisk();
      let asleep = 0;
      const lock = await take(disk, first, { ...clock, [which]: () => clock[which]() + asleep });
      expect(lock.check()).toBeUndefined();
      asleep = 10 * LEASE_MS;
      return { disk, lock };
    };
    const still = await suspended();
    await still.lock.check();
    expect(still.lock.check()).toBeUndefined();
    const taken = await suspended();
    taken.disk.put(LOCK, 'another process');
    await expect(taken.lock.check()).rejects.toMatchObject(LOCKED);
  });

  it('is lost when it resumes while another process is taking it over', async () => {
    const clock = simulatedClock();
    const disk = new MemoryDisk();
    let asleep = 0;
    const lock = await take(disk, first, { ...clock, monotonic: () => clock.monotonic() + asleep });
    asleep = LEASE_MS;
    disk.put(GUARD, 'another process');
    await expect(lock.check()).rejects.toMatchObject(LOCKED);
  });

  it('survives failed renewals, and prevents writes when they fail for too long', async () => {
    const clock = simulatedClock();
    const disk = new MemoryDisk();
    const lock = await take(disk, first, clock);
    disk.failWhen((operation) => (operation === 'overwrite' ? 'EIO' : undefined));
    await clock.advance(LEASE_MS / 4);
    expect(lock.check()).toBeUndefined();
    await clock.advance(LEASE_MS / 4);
    await expect(lock.check()).rejects.toMatchObject({ code: 'DISK' });
    disk.failWhen(undefined);
    await lock.check();
    expect(lock.check()).toBeUndefined();
    expect(lock.lost.aborted).toBe(false);
  });

  it('does not remove the lock on release when another process has it', async () => {
    const disk = new MemoryDisk();
    const lock = await take(disk, first);
    disk.put(LOCK, undefined);
    await take(disk, processes(2, { 2: 'b' }));
    await lock.release();
    expect(disk.paths()).toEqual([LOCK]);
    expect(lock.lost.aborted).toBe(true);
  });
});

describe('readLock', () => {
  const record = { host: 'h', pid: 7, since: '2026-11-23T12:00:00.000Z', id: 'x', leaseMs: 20_000 };
  const reading = (content: string) => {
    const disk = new MemoryDisk();
    disk.put(LOCK, content);
    return readLock({ disk }, DIRECTORY);
  };

  it('returns undefined when there is no lock, or a damaged one', async () => {
    expect(await readLock({ disk: new MemoryDisk() }, DIRECTORY)).toBeUndefined();
    const tooLong = JSON.stringify({ ...record, host: 'h'.repeat(301) });
    for (const content of ['', 'null', '[]', '{', '{}', JSON.stringify({ ...record, pid: 1.5 }), tooLong]) {
      expect(await reading(content)).toBeUndefined();
    }
    expect(await reading(`${JSON.stringify(record)}${' '.repeat(1 << 20)}`)).toBeUndefined();
  });

  it('leaves out members that are of a wrong type or not safe to print', async () => {
    const progress = { shards: { open: 1 }, records: -1, archived: '5', readUpTo: '\u001b[31m', getRecordsCalls: 3 };
    expect(await reading(JSON.stringify({ ...record, host: 'h\u001b[31m', renewedAt: 5, progress }))).toEqual({
      ...record,
      host: 'h\\u001b[31m',
      progress: { getRecordsCalls: 3 },
    });
  });
});
