import { describe, expect, it } from 'vitest';
import { ttlDelete } from '../../support/streams-server.js';
import { idsOf, MINUTE, streamFixture } from './stream-fixture.js';

/** Four of these deletions make a page that is long enough for reading ahead. */
const long = (count: number) =>
  Array.from({ length: count }, (_, number) =>
    ttlDelete({ PK: { S: `${number}` }, ttl: { N: '1795446313' }, data: { S: 'x'.repeat(30_000) } }),
  );
const FOUR_A_PAGE = { settings: { cutPage: (available: number) => Math.min(available, 4) } };

describe('StreamReader: reading ahead', () => {
  it('requests the next page before it delivers one, from the second on, while there is a backlog', async () => {
    const { model, ShardId, streams, readOnce } = await streamFixture(FOUR_A_PAGE);
    const put = model.put(ShardId, ...long(24));
    const asked: number[] = [];
    const { sink } = await readOnce({ write: async () => void asked.push(streams.getRecordsCalls) });
    expect(sink.eventIDs()).toEqual(idsOf(put));
    expect(asked).toEqual([1, 3, 4, 5, 6, 7]);
  });

  it('does not read ahead when pages are short', async () => {
    const { model, ShardId, streams, readOnce } = await streamFixture({ settings: { cutPage: () => 1 } });
    model.put(ShardId, ...long(5));
    const asked: number[] = [];
    await readOnce({ write: async () => void asked.push(streams.getRecordsCalls) });
    expect(asked).toEqual([1, 2, 3, 4, 5]);
  });

  it('does not read ahead when another shard is due', async () => {
    const { model, shards, readOnce } = await streamFixture({ ...FOUR_A_PAGE, shards: 3 });
    for (const shard of shards) model.put(shard, ...long(16));
    const { sink } = await readOnce({ concurrency: 1 });
    expect(sink.pages.map(({ ShardId }) => shards.indexOf(ShardId))).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2]);
  });

  it('archives two pages at a time and holds at most one more, however long the writing takes', async () => {
    const { model, clock, ShardId, server, read } = await streamFixture(FOUR_A_PAGE);
    const put = model.put(ShardId, ...long(40));
    const { sink, end, stop } = read({ once: true, write: () => clock.sleep(MINUTE) });
    await clock.advance(30_000);
    expect(sink.maxWriting).toBe(2);
    expect(server.calls.count('GetRecords')).toBeLessThanOrEqual(3);
    expect(await clock.runUntil(end)).toBe('caught-up');
    expect(sink.eventIDs()).toEqual(idsOf(put));
    await stop();
  });

  it('loses nothing when calls fail, including those sent ahead', async () => {
    let calls = 0;
    const { model, ShardId, readOnce } = await streamFixture({
      ...FOUR_A_PAGE,
      faults: ({ operation }) => {
        if (operation !== 'GetRecords' || ++calls % 3 > 0) return undefined;
        return calls % 2 === 0 ? { kind: 'wrong-crc' } : { kind: 'error', type: 'InternalServerError', status: 500 };
      },
    });
    const put = model.put(ShardId, ...long(60));
    const { sink } = await readOnce();
    expect(sink.eventIDs()).toEqual(idsOf(put));
  });

  it('requests only one page ahead of an invalid one', async () => {
    let calls = 0;
    const { model, ShardId, streams, readOnce } = await streamFixture({
      ...FOUR_A_PAGE,
      faults: ({ operation }) => (operation === 'GetRecords' && ++calls === 3 ? { kind: 'wrong-crc' } : undefined),
    });
    model.put(ShardId, ...long(80));
    await readOnce();
    const needed = 20 + 5;
    expect(streams.getRecordsCalls).toBeLessThanOrEqual(needed + 2);
  });

  it.each([0, 5000])('archives no page after one that cannot be written, when preparing it takes %i ms', async (ms) => {
    const { model, clock, ShardId, readOnce, memorySink } = await streamFixture(FOUR_A_PAGE);
    const put = model.put(ShardId, ...long(24));
    let pages = 0;
    const sink = memorySink({
      write: async () => {
        const page = ++pages;
        if (page > 1) await clock.sleep(page === 2 ? 1000 : ms);
        if (page === 2) throw new Error('no space');
      },
    });
    await expect(readOnce({ sink })).rejects.toThrow('no space');
    expect(pages).toBe(3);
    expect(sink.eventIDs()).toEqual(idsOf(put.slice(0, 4)));
  });
});
