import type { StreamsClient, TableDescription } from '../ports/index.js';
import type { DoctorCheck } from './doctor-check.js';
import { failedCall, tryCall, untried } from './try-call.js';

interface Context {
  readonly streams: StreamsClient;
  readonly signal?: AbortSignal;
}

const NEEDED = 'Without it nothing is archived.';

/** Reads the stream as `watch` does: each call once. Throws as tryCall does, after what it found until then. */
export async function* checkReading(context: Context, description: TableDescription): AsyncGenerator<DoctorCheck> {
  const { LatestStreamArn: StreamArn } = description;
  if (StreamArn === undefined) return;
  yield* readShard(context, StreamArn);
  yield await checkListStreams(context, description);
}

async function* readShard({ streams, signal }: Context, StreamArn: string): AsyncGenerator<DoctorCheck> {
  const described = await tryCall({
    operation: 'DescribeStream',
    call: () => streams.describeStream({ StreamArn }, signal),
    denied: 'fail',
    why: NEEDED,
    expected: ['STREAM_OR_SHARD_NOT_FOUND', 'VALIDATION'],
  });
  if ('error' in described) {
    yield* failedCall('stream', described);
    return;
  }
  yield described.permission;
  const ShardId = described.value.Shards.at(-1)?.ShardId;
  if (ShardId === undefined) {
    const because = 'the stream has no shard yet';
    yield* [untried('GetShardIterator', because), untried('GetRecords', because)];
    return;
  }
  const iterator = await tryCall({
    operation: 'GetShardIterator',
    call: () => streams.getShardIterator({ StreamArn, ShardId, start: 'LATEST' }, signal),
    denied: 'fail',
    why: NEEDED,
    // The shard may be trimmed meanwhile.
    expected: ['STREAM_OR_SHARD_NOT_FOUND', 'TRIMMED'],
  });
  yield iterator.permission;
  if ('error' in iterator) return;
  const read = await tryCall({
    operation: 'GetRecords',
    call: () => streams.getRecords({ ShardIterator: iterator.value }, signal),
    denied: 'fail',
    why: NEEDED,
    expected: ['STREAM_OR_SHARD_NOT_FOUND', 'TRIMMED', 'EXPIRED_ITERATOR', 'THROTTLED'],
  });
  const isThrottled = 'error' in read && read.error.code === 'THROTTLED';
  if (read.permission.result === 'ok') yield checkReaders(isThrottled);
  yield read.permission;
}

/** AWS: at most two readers a shard. */
function checkReaders(isThrottled: boolean): DoctorCheck {
  const check = 'readers';
  if (!isThrottled) {
    return {
      check,
      result: 'note',
      says: 'GetRecords was not throttled. Nothing else can be seen of what else reads the stream.',
      why: 'DynamoDB Streams serves two readers of a shard, on global tables one.',
    };
  }
  return {
    check,
    result: 'warn',
    says: 'GetRecords was throttled: other consumers probably read this stream.',
    why: 'DynamoDB Streams serves two readers of a shard, on global tables one. With more, watch falls behind.',
    remedy: 'Find and end other readers: Lambda triggers, Kinesis adapters, another watch.',
  };
}

async function checkListStreams({ streams, signal }: Context, { TableName }: TableDescription): Promise<DoctorCheck> {
  const { permission } = await tryCall({
    operation: 'ListStreams',
    call: () => streams.listStreams({ TableName }, signal),
    denied: 'warn',
    why: 'Without it, streams that come and go while nobody watches are not found.',
    // Not every emulator has this call.
    expected: ['VALIDATION', 'STREAM_OR_SHARD_NOT_FOUND'],
  });
  return permission;
}
