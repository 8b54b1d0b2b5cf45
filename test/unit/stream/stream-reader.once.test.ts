import { describe, expect, it } from 'vitest';
import { ttlDelete } from '../../support/streams-server.js';
import { deletions, idsOf, item, MINUTE, SECOND, streamFixture } from './stream-fixture.js';

describe('StreamReader: --once', () => {
  it('ends when every open shard gave five empty pages in a row, without waiting', async () => {
    const { model, clock, shards, readOnce, server } = await streamFixture({ shards: 3 });
    for (const shard of shards) model.put(shard, ...deletions(2));
    const begun = clock.now();
    const { sink, outcome } = await readOnce();
    expect(outcome).toBe('caught-up');
    expect(sink.eventIDs()).toHaveLength(6);
    for (const shard of shards) expect(server.calls.count('GetRecords', shard)).toBe(6);
    expect(clock.now() - begun).toBeLessThan(SECOND);
  });

  it('continues from the checkpoints of the previous run', async () => {
    const { model, ShardId, readOnce, memorySink, inputs } = await streamFixture();
    const sink = memorySink();
    const first = model.put(ShardId, ...deletions(3));
    await readOnce({ sink });
    const second = model.put(ShardId, ...deletions(2));
    await readOnce({ sink });
    expect(sink.eventIDs()).toEqual(idsOf([...first, ...second]));
    expect(inputs('GetShardIterator').at(-1)).toMatchObject({ SequenceNumber: first[2]?.SequenceNumber });
  });

  it('ends although records keep coming', async () => {
    const { model, clock, ShardId, server, readOnce } = await streamFixture();
    const before = model.put(ShardId, ...deletions(3));
    let calls = 0;
    // Each poll of the shard finds one more record, a second younger than the previous one.
    server.faults = ({ operation }) => {
      if (operation !== 'GetRecords' || ++calls > 100) return undefined;
      model.put(ShardId, { ...ttlDelete(item(`more-${calls}`)), at: clock.now() + calls * SECOND });
      return undefined;
    };
    const { sink, outcome } = await readOnce();
    expect(outcome).toBe('caught-up');
    expect(sink.eventIDs().slice(0, 3)).toEqual(idsOf(before));
    expect(calls).toBeLessThan(5);
  });

  it.each(['us-east-1', 'ddblocal'])(
    'does not take a record of %s for a later one: times are rounded down',
    async (region) => {
      const { model, clock, ShardId, readOnce } = await streamFixture({ region, settings: { cutPage: () => 1 } });
      await clock.advance(700);
      // Put before the start within the same second (minute), and so is the next: neither proves that the start is passed.
      const put = model.put(ShardId, ...deletions(3));
      await clock.advance(1);
      const { sink } = await readOnce();
      expect(sink.eventIDs()).toEqual(idsOf(put));
    },
  );

  it('reads past the start when only later records prove that it was reached', async () => {
    const { model, clock, ShardId, readOnce } = await streamFixture({ settings: { cutPage: () => 1 } });
    const put = model.put(ShardId, ...deletions(2));
    model.emptyPages(ShardId, 3);
    const last = model.put(ShardId, ...deletions(1));
    await clock.advance(MINUTE);
    const { sink } = await readOnce();
    expect(sink.eventIDs()).toEqual(idsOf([...put, ...last]));
  });

  it('reads a shard that closes during the run to its end, and its children', async () => {
    const { model, ShardId, readOnce } = await streamFixture({ settings: { cutPage: () => 1 } });
    model.put(ShardId, ...deletions(3));
    let child = '';
    const { sink, outcome } = await readOnce({
      write: async () => {
        if (child !== '') return;
        child = model.rollover(ShardId);
        model.put(child, ...deletions(2));
      },
    });
    expect(outcome).toBe('caught-up');
    expect(sink.ended).toEqual([ShardId]);
    expect(sink.eventIDs(child)).toHaveLength(2);
  });

  it('leaves out the children that an open shard gets after the start', async () => {
    const { model, clock, shards, readOnce, memorySink } = await streamFixture({
      shards: 2,
      settings: { cutPage: () => 1 },
    });
    const [done = '', slow = ''] = shards;
    model.put(slow, ...deletions(8));
    model.close(slow);
    let born = '';
    const sink = memorySink({
      write: async () => {
        await clock.sleep(SECOND);
        // `done` is read up to the start by now.
        if (born === '') born = model.rollover(done);
      },
    });
    const { outcome } = await readOnce({ sink });
    expect(outcome).toBe('caught-up');
    expect(sink.ended).toEqual([slow]);
    expect(sink.checkpoints.has(born)).toBe(false);
    // The next run reads it.
    const put = model.put(born, ...deletions(1));
    await readOnce({ sink });
    expect(sink.eventIDs(born)).toEqual(idsOf(put));
  });

  it('ends when the children of a closed shard are never listed', async () => {
    const { model, clock, ShardId, readOnce } = await streamFixture();
    model.close(ShardId);
    const begun = clock.now();
    const { outcome } = await readOnce();
    expect(outcome).toBe('caught-up');
    expect(clock.now() - begun).toBeLessThan(10 * SECOND);
  });

  it('ends when the stream has no shard', async () => {
    const { model, ShardId, readOnce } = await streamFixture();
    model.removeShard(ShardId);
    expect((await readOnce()).outcome).toBe('caught-up');
  });

  it('reads a closed shard to its end whatever the number of empty pages before it', async () => {
    const { model, ShardId, readOnce } = await streamFixture();
    const put = model.put(ShardId, ...deletions(1));
    model.emptyPages(ShardId, 250);
    put.push(...model.put(ShardId, ...deletions(1)));
    model.close(ShardId);
    const { sink, outcome } = await readOnce();
    expect(outcome).toBe('caught-up');
    expect(sink.eventIDs()).toEqual(idsOf(put));
    expect(sink.ended).toEqual([ShardId]);
  });
});
