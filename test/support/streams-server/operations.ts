import { describeStream } from './describe-stream.js';
import { describeTable, describeTimeToLive, listStreams, listTables, listTagsOfResource } from './describe-table.js';
import { decodeIterator } from './iterators.js';
import { getRecords, getShardIterator } from './read-shard.js';
import { ServiceError } from './service-error.js';
import type { StreamModel } from './stream-model.js';

type Operation = (model: StreamModel, input: Readonly<Record<string, unknown>>) => string;

const OPERATIONS: Readonly<Record<string, Operation>> = {
  'DynamoDBStreams_20120810.DescribeStream': describeStream,
  'DynamoDBStreams_20120810.GetShardIterator': getShardIterator,
  'DynamoDBStreams_20120810.GetRecords': getRecords,
  'DynamoDBStreams_20120810.ListStreams': listStreams,
  'DynamoDB_20120810.DescribeTable': describeTable,
  'DynamoDB_20120810.DescribeTimeToLive': describeTimeToLive,
  'DynamoDB_20120810.ListTables': listTables,
  'DynamoDB_20120810.ListTagsOfResource': listTagsOfResource,
};

/** Answers one call with the body of its answer. Throws ServiceError. */
export function perform(model: StreamModel, target: string, input: Readonly<Record<string, unknown>>): string {
  const operation = OPERATIONS[target];
  if (operation === undefined) throw new ServiceError('UnknownOperationException', `${target} is not simulated`);
  return operation(model, input);
}

/** The stream and the shard that a call is about, as far as it is about one. */
export function subjectOf(
  model: StreamModel,
  input: Readonly<Record<string, unknown>>,
): { StreamArn: string | undefined; ShardId: string | undefined } {
  const { StreamArn, ShardId, ShardIterator } = input;
  if (typeof ShardIterator === 'string') {
    try {
      const iterator = decodeIterator(ShardIterator);
      return { StreamArn: iterator.StreamArn, ShardId: model.shards[iterator.shardNumber]?.ShardId };
    } catch {
      // A garbage iterator: GetRecords itself will say so.
    }
  }
  return {
    StreamArn: typeof StreamArn === 'string' ? StreamArn : undefined,
    ShardId: typeof ShardId === 'string' ? ShardId : undefined,
  };
}
