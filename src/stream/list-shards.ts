import type { Shard, StreamDescription, StreamsClient } from '../ports/index.js';

export interface ShardList {
  readonly StreamStatus: string;
  readonly StreamViewType: string | undefined;
  readonly shards: readonly Shard[];
  readonly pages: number;
}

/** One page of DescribeStream, tried until it is answered: pages that were answered are not asked for again. */
export type Describe = (input: Parameters<StreamsClient['describeStream']>[0]) => Promise<StreamDescription>;

/** Every shard of the stream: DescribeStream gives at most 100 a page. */
export function listShards(describe: Describe, StreamArn: string): Promise<ShardList> {
  return allPages((start) => describe({ StreamArn, ...start }));
}

/** The children of one shard. Emulators may reject the filter: TtlArchiveError VALIDATION. */
export function listChildren(describe: Describe, StreamArn: string, ShardId: string): Promise<ShardList> {
  const ShardFilter = { Type: 'CHILD_SHARDS', ShardId } as const;
  return allPages((start) => describe({ StreamArn, ShardFilter, ...start }));
}

async function allPages(
  describe: (start: { ExclusiveStartShardId?: string }) => Promise<StreamDescription>,
): Promise<ShardList> {
  const shards = new Map<string, Shard>();
  let last: StreamDescription;
  let pages = 0;
  let start: string | undefined;
  do {
    last = await describe(start === undefined ? {} : { ExclusiveStartShardId: start });
    pages++;
    const before = shards.size;
    for (const shard of last.Shards) shards.set(shard.ShardId, shard);
    // A server that pages in a circle must not keep us here for ever.
    if (last.LastEvaluatedShardId === start || (last.Shards.length > 0 && shards.size === before)) break;
    start = last.LastEvaluatedShardId;
  } while (start !== undefined);
  return { StreamStatus: last.StreamStatus, StreamViewType: last.StreamViewType, shards: [...shards.values()], pages };
}
