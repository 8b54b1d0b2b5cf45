import { describe, expect, it } from 'vitest';
import type { DeliveredPage } from '../../../src/shards/effects.js';
import type { PageWrite } from '../../../src/stream/reader-context.js';
import { MemorySink } from '../../support/memory-sink.js';
import { manualDelete } from '../../support/streams-server.js';
import { deletions, idsOf, item, SECOND, streamFixture } from './stream-fixture.js';

describe('StreamReader: pages', () => {
  it('reads on when GetRecords ends a page at 1000 records or at 1 MB', async () => {
    const { model, shards, readOnce, server } = await streamFixture({ shards: 2 });
    const [many = '', large = ''] = shards;
    model.fill(many, { count: 2500, bytes: 300 });
    model.fill(large, { count: 7, bytes: 400_000 });
    const { sink, outcome } = await readOnce();
    expect(outcome).toBe('caught-up');
    expect(sink.records(many)).toHaveLength(2500);
    expect(sink.records(large)).toHaveLength(7);
    expect(
      sink.pages
        .map(({ records }) => records.length)
        .toSorted((a, b) => b - a)
        .slice(0, 2),
    ).toEqual([1000, 1000]);
    // Three pages or four with records, and the empty ones at the tip.
    expect(server.calls.count('GetRecords', many)).toBe(3 + 5);
    expect(server.calls.count('GetRecords', large)).toBe(4 + 5);
  });

  it('reads on when a page is empty while records follow: not caught up, not the end of the shard', async () => {
    const { model, ShardId, readOnce } = await streamFixture();
    const before = model.put(ShardId, ...deletions(2));
    model.emptyPages(ShardId, 4);
    const after = model.put(ShardId, ...deletions(2));
    model.emptyPages(ShardId, 4);
    const last = model.put(ShardId, ...deletions(1));
    const { sink } = await readOnce();
    expect(sink.eventIDs(ShardId)).toEqual(idsOf([...before, ...after, ...last]));
  });

  it('reads a closed shard to its end although dozens of its pages are empty', async () => {
    const { model, ShardId, readOnce } = await streamFixture();
    model.emptyPages(ShardId, 40);
    const put = model.put(ShardId, ...deletions(2));
    model.emptyPages(ShardId, 40);
    model.close(ShardId);
    const { sink } = await readOnce();
    expect(sink.eventIDs(ShardId)).toEqual(idsOf(put));
    expect(sink.ended).toEqual([ShardId]);
  });

  it('delivers the last page of a closed shard, which has records AND no NextShardIterator, and then ends the shard', async () => {
    const { model, ShardId, readOnce, server } = await streamFixture();
    const put = model.put(ShardId, ...deletions(3));
    model.close(ShardId);
    const { sink } = await readOnce();
    expect(sink.eventIDs(ShardId)).toEqual(idsOf(put));
    expect(sink.pages).toHaveLength(1);
    expect(sink.pages[0]?.checkpoint.position).toBe('SHARD_END');
    expect(server.calls.count('GetRecords')).toBe(1);
  });

  it('ends a closed shard when its last page is empty', async () => {
    const { model, ShardId, readOnce } = await streamFixture({ settings: { closedShardEnd: 'empty-page' } });
    const put = model.put(ShardId, ...deletions(3));
    model.close(ShardId);
    const { sink } = await readOnce();
    expect(sink.eventIDs(ShardId)).toEqual(idsOf(put));
    expect(sink.pages.map(({ checkpoint }) => checkpoint.position)).toEqual([put[2]?.SequenceNumber, 'SHARD_END']);
  });

  it('ends a shard that never held a record', async () => {
    const { model, ShardId, readOnce } = await streamFixture();
    model.close(ShardId);
    const { sink } = await readOnce();
    expect(sink.ended).toEqual([ShardId]);
  });

  it('keeps SequenceNumbers of different lengths in order, over page cuts, lost iterators and restarts', async () => {
    const { model, clock, ShardId, read, readOnce, memorySink } = await streamFixture({
      settings: { cutPage: () => 1 },
    });
    const put = model.put(ShardId, ...deletions(30));
    const lengths = new Set(put.map(({ SequenceNumber }) => SequenceNumber.length));
    expect(lengths.size).toBeGreaterThan(1);
    const sink = memorySink({
      write: async () => {
        model.expireIterators();
      },
    });
    const first = read({ sink });
    while (sink.pages.length < 15) await clock.advance(1);
    await first.stop();
    await readOnce({ sink });
    expect(sink.eventIDs(ShardId)).toEqual(idsOf(put));
  });

  it('accepts the short, zero-padded SequenceNumbers of an emulator', async () => {
    const { model, ShardId, readOnce, memorySink } = await streamFixture({ region: 'ddblocal' });
    const put = model.put(ShardId, ...deletions(3));
    const sink = memorySink();
    await readOnce({ sink });
    const more = model.put(ShardId, ...deletions(3));
    await readOnce({ sink });
    expect(sink.eventIDs(ShardId)).toEqual(idsOf([...put, ...more]));
  });

  it('delivers every record as sent, whatever its eventName: what counts is decided later', async () => {
    const { model, ShardId, readOnce } = await streamFixture();
    model.put(ShardId, manualDelete(item('a')), ...deletions(1));
    const { sink } = await readOnce();
    expect(sink.records(ShardId).map((record) => JSON.stringify(record))).toEqual([...model.records(ShardId)]);
  });

  it('derives how far it has read from the record times, since there is no MillisBehindLatest', async () => {
    const { model, clock, ShardId, read } = await streamFixture();
    expect(clock.now() % SECOND).toBe(0);
    model.put(ShardId, ...deletions(1));
    const recordAt = clock.now();
    await clock.advance(90 * SECOND);
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { reader } = read({ write: () => held, concurrency: 1 });
    await clock.advance(0);
    expect(reader.shards()).toEqual({ open: 1, behind: 1, ended: 0, readUpTo: recordAt });
    release();
    await clock.advance(SECOND);
    expect(reader.shards()).toMatchObject({ behind: 0 });
    expect(clock.now() - (reader.shards().readUpTo ?? 0)).toBeLessThanOrEqual(SECOND);
  });

  it('gives a page its turn when the sink lets it follow, and not only when the page before is durable', async () => {
    const { model, clock, ShardId, read } = await streamFixture({ settings: { cutPage: () => 1 } });
    const put = model.put(ShardId, ...deletions(2));
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const turns: string[] = [];
    class EagerSink extends MemorySink {
      override archive(page: DeliveredPage, turn: Promise<void>): PageWrite {
        void turn.then(() => turns.push(page.checkpoint.position));
        return { ...super.archive(page, turn), next: Promise.resolve() };
      }
    }
    const { sink } = read({ sink: new EagerSink({ write: () => held }) });
    await clock.advance(SECOND);
    expect(turns).toEqual(put.map(({ SequenceNumber }) => SequenceNumber));
    expect(sink.eventIDs()).toEqual([]);
    release();
    await clock.advance(SECOND);
    expect(sink.eventIDs()).toEqual(idsOf(put));
  });
});
