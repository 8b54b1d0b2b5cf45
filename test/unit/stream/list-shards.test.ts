import { describe, expect, it } from 'vitest';
import type { Shard, StreamDescription } from '../../../src/ports/index.js';
import { type Describe, listShards } from '../../../src/stream/list-shards.js';

type Input = Parameters<Describe>[0];

function answering(pages: readonly (Partial<StreamDescription> & { Shards: readonly Shard[] })[]) {
  const inputs: Input[] = [];
  const describeStream: Describe = async (input) => {
    inputs.push(input);
    const page = pages[Math.min(inputs.length, pages.length) - 1];
    if (page === undefined) throw new Error('No page is left.');
    return { StreamArn: 'arn', StreamStatus: 'ENABLED', ...page };
  };
  return { describeStream, inputs };
}

const shard = (ShardId: string): Shard => ({ ShardId });

describe('listShards', () => {
  it('requests page after page, each after LastEvaluatedShardId', async () => {
    const { describeStream, inputs } = answering([
      { Shards: [shard('a'), shard('b')], LastEvaluatedShardId: 'b' },
      { Shards: [], LastEvaluatedShardId: 'c' },
      { Shards: [shard('d')] },
    ]);
    const list = await listShards(describeStream, { StreamArn: 'arn' });
    expect(list.shards.map(({ ShardId }) => ShardId)).toEqual(['a', 'b', 'd']);
    expect(list.pages).toBe(3);
    expect(inputs.map(({ ExclusiveStartShardId }) => ExclusiveStartShardId)).toEqual([undefined, 'b', 'c']);
  });

  it('returns the status of the last page, and a shard once that two pages show', async () => {
    const { describeStream } = answering([
      { Shards: [shard('a')], LastEvaluatedShardId: 'a' },
      { Shards: [shard('a'), shard('b')], StreamStatus: 'DISABLED' },
    ]);
    const list = await listShards(describeStream, { StreamArn: 'arn' });
    expect(list).toMatchObject({ StreamStatus: 'DISABLED', shards: [{ ShardId: 'a' }, { ShardId: 'b' }] });
  });

  it('ends when the pages form a circle', async () => {
    const { describeStream, inputs } = answering([{ Shards: [shard('a')], LastEvaluatedShardId: 'a' }]);
    expect((await listShards(describeStream, { StreamArn: 'arn' })).shards).toHaveLength(1);
    expect(inputs.length).toBeLessThan(4);
  });

  it('rejects as DescribeStream does, without a partial list', async () => {
    const { describeStream } = answering([]);
    await expect(listShards(describeStream, { StreamArn: 'arn' })).rejects.toThrow('No page is left');
  });

  it('sends the filter with the request for every page', async () => {
    const { describeStream, inputs } = answering([
      { Shards: [shard('b')], LastEvaluatedShardId: 'b' },
      { Shards: [shard('c')] },
    ]);
    const ShardFilter = { Type: 'CHILD_SHARDS', ShardId: 'a' } as const;
    expect((await listShards(describeStream, { StreamArn: 'arn', ShardFilter })).shards).toHaveLength(2);
    expect(inputs).toEqual([
      { StreamArn: 'arn', ShardFilter },
      { StreamArn: 'arn', ShardFilter, ExclusiveStartShardId: 'b' },
    ]);
  });
});
