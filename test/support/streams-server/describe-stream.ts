import type { SimulatedShard, SimulatedStream, WrongListing } from './model-types.js';
import { ServiceError } from './service-error.js';
import type { StreamModel } from './stream-model.js';

/** One page of DescribeStream, with the errors that the model is to make. */
export function describeStream(model: StreamModel, input: Readonly<Record<string, unknown>>): string {
  const { settings } = model;
  const stream = streamOf(model, input['StreamArn']);
  if (!model.rates.admit(`DescribeStream ${stream.StreamArn}`, settings.describeStreamPerSecond)) {
    throw new ServiceError('ThrottlingException', 'Rate of DescribeStream calls exceeded');
  }
  const parent = parentToFilterBy(input, settings.shardFilter);
  const start = input['ExclusiveStartShardId'];
  const limit = Math.min(Number(input['Limit'] ?? settings.describePageSize), settings.describePageSize);
  // ShardIds rise with time: a start that is no longer there is no problem.
  const listed = stream.shards.filter(
    (shard) =>
      !isHidden(shard, model.now()) &&
      (parent === undefined || shard.ParentShardId === parent) &&
      (typeof start !== 'string' || shard.ShardId > start),
  );
  const page = listed.slice(0, limit);
  const Shards = page.map((shard) => describeShard(shard, model.now()));
  for (const shard of page) shard.wasListed = true;
  for (const shard of stream.shards) {
    if (shard.hidden) shard.hidden.calls -= 1;
    if (shard.shownOpen) shard.shownOpen.calls -= 1;
  }
  return JSON.stringify({
    StreamDescription: {
      StreamArn: stream.StreamArn,
      StreamLabel: stream.StreamLabel,
      StreamStatus: stream.StreamStatus,
      StreamViewType: stream.viewType,
      CreationRequestDateTime: stream.createdAt / 1000,
      TableName: stream.table.TableName,
      KeySchema: stream.table.keySchema.map(({ name, keyType }) => ({ AttributeName: name, KeyType: keyType })),
      Shards,
      ...(listed.length > page.length && { LastEvaluatedShardId: page.at(-1)?.ShardId }),
    },
  });
}

/** Throws ResourceNotFoundException for an ARN that the model does not have. */
export function streamOf(model: StreamModel, StreamArn: unknown): SimulatedStream {
  const stream = model.streams.get(String(StreamArn));
  if (stream === undefined) {
    throw new ServiceError(
      'ResourceNotFoundException',
      `Requested resource not found: Stream: ${String(StreamArn)} not found`,
    );
  }
  return stream;
}

function parentToFilterBy(input: Readonly<Record<string, unknown>>, support: string): string | undefined {
  const filter = input['ShardFilter'];
  if (typeof filter !== 'object' || filter === null || support === 'ignored') return undefined;
  if (support === 'rejected') throw new ServiceError('ValidationException', 'Unknown parameter: ShardFilter');
  const { Type, ShardId } = filter as { Type?: unknown; ShardId?: unknown };
  if (Type !== 'CHILD_SHARDS' || typeof ShardId !== 'string') {
    throw new ServiceError('ValidationException', 'ShardFilter needs the Type CHILD_SHARDS and a ShardId');
  }
  return ShardId;
}

function describeShard(shard: SimulatedShard, now: number) {
  const { sequenceNumbers, log } = shard;
  const closed = shard.closedAt !== undefined && !lasts(shard.shownOpen, now);
  return {
    ShardId: shard.ShardId,
    SequenceNumberRange: {
      StartingSequenceNumber: sequenceNumbers.format(sequenceNumbers.start),
      ...(closed && { EndingSequenceNumber: sequenceNumbers.format(sequenceNumbers.ending(log.length)) }),
    },
    ...(shard.ParentShardId !== undefined && { ParentShardId: shard.ParentShardId }),
  };
}

function isHidden({ hidden }: SimulatedShard, now: number): boolean {
  return lasts(hidden, now);
}

function lasts(wrong: WrongListing | undefined, now: number): boolean {
  return wrong !== undefined && wrong.calls > 0 && now < wrong.until;
}
