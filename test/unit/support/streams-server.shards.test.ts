import { describe, expect, it } from 'vitest';
import { StreamModel, seededRandom, ttlDelete } from '../../support/streams-server.js';
import { item, served } from './streams-server-clients.js';

const records = (count: number) => Array.from({ length: count }, (_, index) => ttlDelete(item(String(index))));

describe('StreamModel', () => {
  it('lists many shards in pages, and the children of a split', async () => {
    const { model, shards, describe: list, server } = await served({ shards: 250 });
    expect((await list()).map(({ ShardId }) => ShardId)).toEqual(shards);
    expect(server.calls.count('DescribeStream')).toBe(3);
    const [first = ''] = shards;
    const children = model.split(first);
    const listed = await list({ ShardFilter: { Type: 'CHILD_SHARDS', ShardId: first } });
    expect(listed.map(({ ShardId, ParentShardId }) => [ShardId, ParentShardId])).toEqual(
      children.map((child) => [child, first]),
    );
    const [parent] = await list();
    expect(parent?.SequenceNumberRange?.EndingSequenceNumber).toMatch(/^\d{21,40}$/);
    model.settings.shardFilter = 'rejected';
    const rejected = list({ ShardFilter: { Type: 'CHILD_SHARDS', ShardId: first } });
    await expect(rejected).rejects.toMatchObject({ name: 'ValidationException' });
    model.settings.shardFilter = 'ignored';
    expect(await list({ ShardFilter: { Type: 'CHILD_SHARDS', ShardId: first } })).toHaveLength(252);
  });

  it('lists shards inconsistently for as long as it is told', async () => {
    let now = 0;
    const { model, ShardId, describe: list } = await served({ model: new StreamModel({ now: () => now }) });
    const children = model.split(ShardId, { late: { calls: 1 } });
    expect(await list()).toHaveLength(1);
    model.hide(ShardId, { ms: 1000 });
    expect((await list()).map((shard) => shard.ShardId)).toEqual(children);
    now = 1000;
    expect(await list()).toHaveLength(3);
    model.showOpen(ShardId, { calls: 1 });
    expect((await list())[0]?.SequenceNumberRange?.EndingSequenceNumber).toBeUndefined();
    expect((await list())[0]?.SequenceNumberRange?.EndingSequenceNumber).toBeDefined();
    model.hide(ShardId);
    expect(await list()).toHaveLength(2);
    model.show(ShardId);
    expect(await list()).toHaveLength(3);
  });

  it('ends a closed shard on a page that has records, or on an empty one', async () => {
    const { model, ShardId, iterator, pageSizes, getRecords } = await served();
    model.put(ShardId, ...records(3));
    const open = await getRecords(await iterator());
    expect(open.NextShardIterator).toBeDefined();
    const child = model.rollover(ShardId);
    expect(model.shard(child).ParentShardId).toBe(ShardId);
    expect(await pageSizes(await iterator())).toEqual([3]);
    expect(await pageSizes(open.NextShardIterator ?? '')).toEqual([0]);
    model.settings.closedShardEnd = 'empty-page';
    expect(await pageSizes(await iterator())).toEqual([3, 0]);
    expect(() => model.put(ShardId, ...records(1))).toThrow('is closed');
  });

  it('answers empty pages in the middle of a shard', async () => {
    const { model, ShardId, iterator, pageSizes } = await served();
    model.put(ShardId, ...records(3));
    model.emptyPages(ShardId, 4);
    model.put(ShardId, ...records(2));
    model.emptyPages(ShardId, 1);
    model.close(ShardId);
    expect(await pageSizes(await iterator())).toEqual([3, 0, 0, 0, 0, 2, 0]);
  });

  it('cuts pages at 1 MB, at 1000 records, at Limit, and at random', async () => {
    const { model, shards, iterator, pageSizes, getRecords } = await served({ shards: 3 });
    const [large = '', many = '', random = ''] = shards;
    model.fill(large, { count: 4, bytes: 400_000 });
    model.fill(many, { count: 2500, bytes: 500 });
    model.put(random, ...records(50));
    for (const shard of shards) model.close(shard);
    expect(await pageSizes(await iterator(large))).toEqual([2, 2]);
    expect(await pageSizes(await iterator(many))).toEqual([1000, 1000, 500]);
    expect((await getRecords(await iterator(many), 7)).Records).toHaveLength(7);
    const next = seededRandom(7);
    model.settings.cutPage = (available) => Math.floor(next() * (available + 1));
    const sizes = await pageSizes(await iterator(random));
    expect(sizes.reduce((sum, size) => sum + size)).toBe(50);
    expect(sizes.length).toBeGreaterThan(2);
  });

  it('makes records of one size, as many TTL deletions as asked for', async () => {
    const { model, ShardId, iterator, getRecords } = await served();
    model.fill(ShardId, { count: 100, bytes: 600, ttlShare: 0.3 });
    const sent = (await getRecords(await iterator())).Records ?? [];
    expect(sent.filter(({ userIdentity }) => userIdentity !== undefined)).toHaveLength(30);
    expect(new Set(sent.map(({ eventID }) => eventID)).size).toBe(100);
    const sizes = [...model.records(ShardId)].map((json) => json.length);
    expect(Math.min(...sizes)).toBeGreaterThan(550);
    expect(Math.max(...sizes)).toBeLessThan(650);
  });

  it('reads after a SequenceNumber, and from the latest record', async () => {
    const { model, ShardId, iterator, getRecords } = await served();
    const put = model.put(ShardId, ...records(3));
    const keys = async (from: string) => ((await getRecords(from)).Records ?? []).map(({ eventID }) => eventID);
    expect(await keys(await iterator(ShardId, { after: put[1]?.SequenceNumber ?? '' }))).toEqual([put[2]?.eventID]);
    const latest = await iterator(ShardId, 'LATEST');
    const end = await iterator(ShardId, { after: put[2]?.SequenceNumber ?? '' });
    expect(await keys(end)).toEqual([]);
    const later = model.put(ShardId, ...records(1));
    expect(await keys(latest)).toEqual([later[0]?.eventID]);
    expect(await keys(end)).toEqual([later[0]?.eventID]);
  });

  it('lets iterators expire by the clock and by command', async () => {
    let now = 0;
    const { model, ShardId, iterator, getRecords } = await served({ model: new StreamModel({ now: () => now }) });
    const old = await iterator();
    now = 15 * 60_000 - 1;
    await getRecords(old);
    now += 1;
    await expect(getRecords(old)).rejects.toMatchObject({ name: 'ExpiredIteratorException' });
    const fresh = await iterator();
    model.expireIterators(ShardId);
    await expect(getRecords(fresh)).rejects.toMatchObject({ name: 'ExpiredIteratorException' });
    await getRecords(await iterator());
    await expect(getRecords('rubbish')).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('reports a trimmed position where it is told to, even when nothing was lost', async () => {
    const { model, ShardId, iterator, getRecords, pageSizes } = await served();
    const put = model.put(ShardId, ...records(3));
    const start = await iterator();
    const after = { after: put[0]?.SequenceNumber ?? '' };
    model.trim(ShardId, put[1]?.SequenceNumber);
    await expect(iterator(ShardId, after)).rejects.toMatchObject({ name: 'TrimmedDataAccessException' });
    await expect(getRecords(start)).rejects.toMatchObject({ name: 'TrimmedDataAccessException' });
    expect(await pageSizes(await iterator(), 1)).toEqual([2]);
    model.settings.trimmedAt = 'GetRecords';
    const late = await iterator(ShardId, after);
    await expect(getRecords(late)).rejects.toMatchObject({ name: 'TrimmedDataAccessException' });
  });

  it('trims by age and takes aged shards out of the stream', async () => {
    let now = 0;
    const {
      model,
      ShardId,
      iterator,
      getRecords,
      describe: list,
    } = await served({
      model: new StreamModel({ now: () => now }),
    });
    model.put(ShardId, ...records(2));
    const [child = ''] = model.split(ShardId);
    const reading = await iterator();
    model.put(child, ...records(1));
    now = 500;
    model.put(child, ...records(1));
    now = 1000;
    model.trimByAge(600);
    await expect(getRecords(reading)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(iterator()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    expect((await list()).map(({ ParentShardId }) => ParentShardId)).toEqual([ShardId, ShardId]);
    expect((await getRecords(await iterator(child))).Records).toHaveLength(1);
  });
});
