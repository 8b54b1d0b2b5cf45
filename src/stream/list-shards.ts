import type { Shard, StreamDescription, StreamsClient } from '../ports/index.js';

export interface ShardList {
  readonly StreamStatus: string;
  readonly shards: readonly Shard[];
  readonly pages: number;
}

type Input = Parameters<StreamsClient['describeStream']>[0];

/** One page of DescribeStream, retried until it succeeds, so that a failure does not repeat the previous pages. */
export type Describe = (input: Input) => Promise<StreamDescription>;

/** Every shard of the stream; with a ShardFilter, the children of one. Emulators may reject that as VALIDATION. */
export async function listShards(describe: Describe, input: Omit<Input, 'ExclusiveStartShardId'>): Promise<ShardList> {
  const shards = new Map<string, Shard>();
  let last: StreamDescription;
  let pages = 0;
  let start: string | undefined;
  do {
    last = await describe({ ...input, ...(start !== undefined && { ExclusiveStartShardId: start }) });
    pages++;
    const before = shards.size;
    for (const shard of last.Shards) shards.set(shard.ShardId, shard);
    // The pages of a faulty server may form a circle.
    if (last.LastEvaluatedShardId === start || (last.Shards.length > 0 && shards.size === before)) break;
    start = last.LastEvaluatedShardId;
  } while (start !== undefined);
  return { StreamStatus: last.StreamStatus, shards: [...shards.values()], pages };
}
