import { describe, expect, it } from 'vitest';
import { deletions, idsOf, MINUTE, SECOND, streamFixture } from './stream-fixture.js';

describe('StreamReader: disabling a stream closes its shards, and it stays readable', () => {
  it('reads all that it still holds and then ends as drained', async () => {
    const { model, clock, shards, read } = await streamFixture({ shards: 2, settings: { cutPage: () => 1 } });
    const { sink, end } = read({ write: () => clock.sleep(100) });
    await clock.advance(MINUTE);
    const [first = '', second = ''] = shards;
    const [child = ''] = model.split(first);
    const put = [first, child, second].slice(1).map((shard) => model.put(shard, ...deletions(5)));
    model.disableStream('T');
    expect(await clock.runUntil(end)).toBe('drained');
    expect(sink.eventIDs().toSorted()).toEqual(idsOf(put.flat()).toSorted());
    expect(sink.ended).toHaveLength(4);
    expect(sink.gaps).toEqual([]);
  });

  it('reads the children of a split just before, however late they are listed', async () => {
    const { model, clock, shards, read } = await streamFixture({ shards: 2, settings: { cutPage: () => 1 } });
    const [quick = '', slow = ''] = shards;
    const pace = { pollInterval: 250, maxPollInterval: 250 };
    const { sink, end } = read({ pace, write: ({ ShardId }) => clock.sleep(ShardId === slow ? SECOND : 0) });
    await clock.advance(MINUTE);
    const put = model.put(slow, ...deletions(20));
    for (const [shard, ms] of [
      [quick, 3 * SECOND],
      [slow, 15 * SECOND],
    ] as const) {
      for (const child of model.split(shard, { late: { ms } })) put.push(...model.put(child, ...deletions(1)));
    }
    model.disableStream('T');
    expect(await clock.runUntil(end)).toBe('drained');
    expect(sink.eventIDs().toSorted()).toEqual(idsOf(put).toSorted());
    expect(sink.ended).toHaveLength(6);
  });

  it('is drained at once when it was read to its end in an earlier run', async () => {
    const { model, clock, ShardId, read, memorySink, server } = await streamFixture();
    model.put(ShardId, ...deletions(1));
    model.disableStream('T');
    const sink = memorySink();
    expect(await clock.runUntil(read({ sink }).end)).toBe('drained');
    server.calls.reset();
    const again = clock.now();
    expect(await clock.runUntil(read({ sink }).end)).toBe('drained');
    expect(server.calls.count('GetRecords')).toBe(0);
    expect(server.calls.count('DescribeStream')).toBe(1);
    expect(clock.now() - again).toBeLessThan(SECOND);
  });

  it('ignores the new ARN after the stream is enabled again', async () => {
    const { model, clock, ShardId, read, inputs, StreamArn } = await streamFixture();
    const old = model.put(ShardId, ...deletions(1));
    const { sink, end } = read();
    await clock.advance(SECOND);
    model.disableStream('T');
    const next = model.enableStream('T');
    model.put(next.shards[0] ?? '', ...deletions(1));
    expect(await clock.runUntil(end)).toBe('drained');
    expect(sink.eventIDs()).toEqual(idsOf(old));
    expect(inputs('DescribeStream').every((input) => input['StreamArn'] === StreamArn)).toBe(true);
  });

  it('is caught up, and waits for no children, with --once', async () => {
    const { model, clock, ShardId, readOnce } = await streamFixture();
    const put = model.put(ShardId, ...deletions(1));
    model.deleteTable('T');
    const begun = clock.now();
    const { sink, outcome } = await readOnce();
    expect(outcome).toBe('caught-up');
    expect(sink.eventIDs()).toEqual(idsOf(put));
    expect(clock.now() - begun).toBeLessThan(SECOND);
  });
});
