import { describe, expect, it } from 'vitest';
import { watchFixture } from './watch-fixture.js';

describe('watch', () => {
  it('uses the default for an option that is undefined', async () => {
    const { model, put, once } = watchFixture();
    const [shard] = model.createTable({ TableName: 'T' }).shards;
    put(shard, 'a');
    const { archived, log } = await once({
      from: undefined,
      deletions: undefined,
      layout: undefined,
      format: undefined,
      compress: undefined,
      segmentSize: undefined,
      pollInterval: undefined,
      maxPollInterval: undefined,
      concurrency: undefined,
      connection: undefined,
      signal: undefined,
    });
    expect(archived).toEqual(['a']);
    expect(log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('waits with the reading of the shard for a slow onArchived', async () => {
    const { model, put, start, clock } = watchFixture();
    const [shard] = model.createTable({ TableName: 'T' }).shards;
    for (let index = 0; index < 10; index++) put(shard, `${index}`);
    model.settings.cutPage = () => 1;
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const shown: unknown[] = [];
    const run = start({
      once: true,
      onArchived: (items) => {
        shown.push(...items);
        return held;
      },
    });
    await clock.runUntil(new Promise<void>((resolve) => void clock.sleep(60_000).then(resolve)));
    const before = shown.length;
    release();
    await run.end();
    expect(before).toBeLessThanOrEqual(2);
    expect(shown).toHaveLength(10);
  });
});
