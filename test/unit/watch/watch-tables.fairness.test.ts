import { describe, expect, it } from 'vitest';
import type { WatchTablesOptions } from '../../../src/watch/tables-options.js';
import type { InProcessClients } from '../../support/in-process-streams.js';
import { tablesFixture } from './tables-fixture.js';

const SECOND = 1000;
/** Milliseconds of a call. */
const CALL = 30;

/**
 * A table with a backlog in each of its shards, which stays while the test runs, and one with a fresh record now and then.
 * Gives how long each fresh record took to be archived, in milliseconds of the simulated clock.
 */
async function waits(
  options: Partial<WatchTablesOptions>,
  { pageBytes, shards, write }: { pageBytes: number; shards: number; write: number },
) {
  const { clock, model, put, start, create } = tablesFixture();
  model.settings.cutPage = () => 2;
  const backlog = model.createTable({ TableName: 'Backlog', shards }).shards;
  for (const shard of backlog) put(shard, ...Array.from({ length: 100 }, (_, index) => `${shard}-${index}`));
  const fresh = create('Fresh');
  const putAt = new Map<string, number>();
  const waited: number[] = [];
  const isOfBacklog = (iterator: string) => iterators.get(iterator) === 'Backlog';
  const iterators = new Map<string, string>();
  /** Calls take time, and the pages of the backlog are long. */
  const slow = ({ streams, tables }: InProcessClients): InProcessClients => ({
    tables,
    streams: {
      ...streams,
      get getRecordsCalls() {
        return streams.getRecordsCalls;
      },
      async getShardIterator(input, signal) {
        const iterator = await streams.getShardIterator(input, signal);
        iterators.set(iterator, backlog.includes(input.ShardId) ? 'Backlog' : 'Fresh');
        return iterator;
      },
      async getRecords({ ShardIterator }, signal, onNext, onSize) {
        await clock.sleep(CALL);
        const bytes = isOfBacklog(ShardIterator) ? pageBytes : 200;
        const page = await streams.getRecords(
          { ShardIterator },
          signal,
          onNext,
          () => onSize?.(bytes) ?? Promise.resolve(),
        );
        iterators.set(page.NextShardIterator ?? '', iterators.get(ShardIterator) ?? '');
        return { ...page, bytes };
      },
    },
  });
  const run = start(
    {
      tables: ['Backlog', 'Fresh'],
      pollInterval: 250,
      maxPollInterval: 1000,
      ...options,
      onArchived: (items, table) => {
        if (table === 'Backlog') return clock.sleep(write);
        for (const { Keys } of items) waited.push(clock.now() - (putAt.get(String(Keys['PK']?.['S'])) ?? 0));
        return undefined;
      },
    },
    { wrap: slow },
  );
  await clock.advance(5 * SECOND);
  for (let index = 0; index < 10; index++) {
    putAt.set(`${index}`, clock.now());
    put(fresh, `${index}`);
    await clock.advance(1.7 * SECOND);
  }
  await clock.advance(5 * SECOND);
  const [backlogged] = run.progress();
  const left = shards * 100 - (backlogged?.progress.archived ?? 0);
  await run.stop();
  return { waited, left, archived: shards * 100 - left };
}

describe('watchTables: fairness', () => {
  it.each([
    { concurrency: 32, pageBytes: 1000, shards: 60, write: 5000 },
    { concurrency: 32, pageBytes: 1024 * 1024, shards: 60, write: 5000 },
    { concurrency: 4, pageBytes: 1024 * 1024, shards: 40, write: 5000 },
    { concurrency: 1, pageBytes: 1000, shards: 8, write: 700 },
  ])(
    'archives a fresh record within two seconds while another table has a backlog: $concurrency calls, $pageBytes bytes, $write ms',
    async ({ concurrency, ...backlog }) => {
      const { waited, left, archived } = await waits({ concurrency }, backlog);
      expect(waited).toHaveLength(10);
      expect(Math.max(...waited)).toBeLessThanOrEqual(2 * SECOND);
      expect(left).toBeGreaterThan(0);
      expect(archived).toBeGreaterThan(0);
    },
  );

  it('writes at most 32 files at a time over all tables, so that no table waits behind hundreds of others', async () => {
    const { clock, create, start, disk } = tablesFixture();
    const names = ['A-1', 'B-2', 'C-3'];
    for (const name of names) create(name, ...Array.from({ length: 100 }, (_, index) => `${index}`));
    let writing = 0;
    let most = 0;
    const slow = new Proxy(disk, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        return async (...args: unknown[]): Promise<unknown> => {
          if (name !== 'replace') return Reflect.apply(member, target, args);
          most = Math.max(most, ++writing);
          await clock.sleep(10);
          writing--;
          return Reflect.apply(member, target, args);
        };
      },
    });
    const run = start({ tables: names, once: true }, { context: { disk: slow } });
    await run.end();
    expect(run.archived).toHaveLength(300);
    expect(most).toBeGreaterThan(16);
    expect(most).toBeLessThanOrEqual(32 + 2 * names.length);
  });
});
