import type { Shard, StreamDescription, StreamsClient } from '../ports.js';

export interface ShardList {
  readonly StreamStatus: string;
  readonly StreamViewType: string | undefined;
  readonly shards: readonly Shard[];
  readonly pages: number;
}

type Describe = (ExclusiveStartShardId?: string) => Promise<StreamDescription>;

/** Every shard of the stream: DescribeStream gives at most 100 a page. */
export function listShards(streams: StreamsClient, StreamArn: string, signal: AbortSignal): Promise<ShardList> {
  return allPages((start) =>
    streams.describeStream({ StreamArn, ...(start !== undefined && { ExclusiveStartShardId: start }) }, signal),
  );
}

/** The children of one shard. Emulators may reject the filter: TtlArchiveError VALIDATION. */
export function listChildren(
  streams: StreamsClient,
  StreamArn: string,
  ShardId: string,
  signal: AbortSignal,
): Promise<ShardList> {
  const ShardFilter = { Type: 'CHILD_SHARDS', ShardId } as const;
  return allPages((start) =>
    streams.describeStream(
      { StreamArn, ShardFilter, ...(start !== undefined && { ExclusiveStartShardId: start }) },
      signal,
    ),
  );
}

async function allPages(describe: Describe): Promise<ShardList> {
  const shards = new Map<string, Shard>();
  let last: StreamDescription;
  let pages = 0;
  let start: string | undefined;
  do {
    last = await describe(start);
    pages++;
    const before = shards.size;
    for (const shard of last.Shards) shards.set(shard.ShardId, shard);
    // A server that pages in a circle must not keep us here for ever.
    if (last.LastEvaluatedShardId === start || (last.Shards.length > 0 && shards.size === before)) break;
    start = last.LastEvaluatedShardId;
  } while (start !== undefined);
  return { StreamStatus: last.StreamStatus, StreamViewType: last.StreamViewType, shards: [...shards.values()], pages };
}
