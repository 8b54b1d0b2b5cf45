import { describe, expect, it } from 'vitest';
import { LEASE_MS } from '../../../src/lock/lease.js';
import { readLock } from '../../../src/lock/lock-record.js';
import { FAULTS } from '../../support/streams-server.js';
import { watchFixture } from './watch-fixture.js';

const STATE = '/archive/.ttl-archive';
const LOCK = `${STATE}/lock`;
const LOCKED = { code: 'LOCKED' };
/** Of another host: it is dead only when its lease has expired. */
const FOREIGN = `${JSON.stringify({ host: 'elsewhere', pid: 1, since: '2026-11-23T12:00:00.000Z', id: 'x', leaseMs: LEASE_MS })}\n`;

function oneTable() {
  const fixture = watchFixture();
  const [shard] = fixture.model.createTable({ TableName: 'T' }).shards;
  return { ...fixture, shard };
}

/** The files of the archive but the lock, with their bytes. */
function contentOf({ disk }: ReturnType<typeof watchFixture>) {
  return disk
    .paths()
    .filter((path) => path !== LOCK)
    .map((path) => [path, disk.content(path)?.toString('hex')]);
}

describe('watch: one writer', () => {
  it.each(['files', 'segments'] as const)(
    'stops with LOCKED, and writes nothing more, when its lock was taken while it was suspended (%s)',
    async (layout) => {
      const fixture = oneTable();
      const { clock, disk, put, shard, start } = fixture;
      let suspended = 0;
      const run = start(
        { layout, compress: 'none' },
        { tools: { clock: { ...clock, now: () => clock.now() + suspended } } },
      );
      put(shard, 'a');
      await clock.advance(60_000);
      expect(run.archived).toEqual(['a']);
      disk.put(LOCK, FOREIGN);
      suspended = LEASE_MS;
      const before = contentOf(fixture);
      put(shard, 'b');
      await expect(run.end()).rejects.toMatchObject(LOCKED);
      expect(contentOf(fixture)).toEqual(before);
      expect(run.archived).toEqual(['a']);
      expect(disk.content(LOCK)?.toString()).toBe(FOREIGN);
    },
  );

  it('stops with LOCKED when the stream is quiet', async () => {
    const { clock, disk, start } = oneTable();
    const run = start();
    await clock.advance(60_000);
    disk.put(LOCK, FOREIGN);
    await clock.advance(LEASE_MS / 4);
    await expect(run.done).rejects.toMatchObject(LOCKED);
  });

  it('reports that another process has the folder, and not a file that the other process has removed', async () => {
    const { clock, disk, put, shard, start } = oneTable();
    const run = start();
    await clock.advance(1000);
    const replace = disk.replace.bind(disk);
    disk.replace = async (path, temporary, content) => {
      if (!path.endsWith('.json') || path.startsWith(STATE)) return replace(path, temporary, content);
      disk.put(LOCK, FOREIGN); // suspended here, replaced, and its temporary files are gone
      disk.failNext('rename', 'ENOENT');
      return replace(path, temporary, content);
    };
    put(shard, 'a');
    await expect(run.end()).rejects.toMatchObject(LOCKED);
  });

  it('ends without an error, interrupted, when it is stopped while it observes another lock', async () => {
    const { clock, disk, start } = oneTable();
    disk.put(LOCK, FOREIGN);
    const run = start({ once: true });
    await clock.advance(1000);
    expect(await run.stop()).toMatchObject({ records: 0, interrupted: true });
    expect(disk.content(LOCK)?.toString()).toBe(FOREIGN);
  });

  it('changes nothing of the archive before it has the lock', async () => {
    const fixture = oneTable();
    const { clock, disk, once, start } = fixture;
    await once();
    disk.put(`${STATE}/tmp/of-a-process-that-is-alive`, 'x');
    disk.put(`${STATE}/open/of-it.open`, 'x');
    disk.put(LOCK, FOREIGN);
    const before = contentOf(fixture);
    const run = start({ once: true });
    await clock.advance(LEASE_MS - 1000);
    expect(contentOf(fixture)).toEqual(before);
    await run.end();
    expect(disk.paths()).not.toContain(`${STATE}/tmp/of-a-process-that-is-alive`);
  });

  it('writes its progress into the lock, and since when the endpoint fails', async () => {
    const { clock, disk, put, shard, start } = oneTable();
    let down = false;
    const run = start({}, { faults: () => (down ? FAULTS.internalError : undefined) });
    put(shard, 'a');
    await clock.advance(30_000);
    const lock = await readLock({ disk }, STATE);
    expect(lock?.progress).toMatchObject({
      shards: { open: 1, behind: 0, ended: 0 },
      records: 1,
      archived: 1,
      readUpTo: expect.stringMatching(/^2026-11-23T12:00:/),
    });
    expect(lock?.progress?.getRecordsCalls).toBeGreaterThan(3);
    expect(lock?.progress).not.toHaveProperty('unreachableSince');
    down = true;
    await clock.advance(60_000);
    const since = (await readLock({ disk }, STATE))?.progress?.unreachableSince;
    expect(Date.parse(since ?? '') - Date.parse('2026-11-23T12:00:30.000Z')).toBeLessThan(10_000);
    await run.stop();
    expect(await readLock({ disk }, STATE)).toBeUndefined();
  });
});

describe('watch: interrupted', () => {
  it('distinguishes a run that read everything from one that the signal ended', async () => {
    const { clock, once, put, shard, start } = oneTable();
    put(shard, 'a');
    expect((await once()).summary).toMatchObject({ archived: 1, interrupted: false });
    const following = start();
    await clock.advance(1000);
    expect(await following.stop()).toMatchObject({ interrupted: true });
    const stopped = start({ once: true }, { faults: () => FAULTS.throttling });
    await clock.advance(1000);
    expect(await stopped.stop()).toMatchObject({ interrupted: true });
  });
});
