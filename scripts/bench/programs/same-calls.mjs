// A bare SDK script that makes the calls of `watch --once` on an empty stream with one shard, and nothing else.
import { DescribeTableCommand, DescribeTimeToLiveCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';

const [endpoint, TableName, StreamArn] = process.argv.slice(2);
const tables = new DynamoDBClient({ endpoint });
await Promise.all([
  tables.send(new DescribeTableCommand({ TableName })),
  tables.send(new DescribeTimeToLiveCommand({ TableName })),
]);
const streams = new DynamoDBStreamsClient({ endpoint });
const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
const [{ ShardId }] = StreamDescription.Shards;
const iterator = new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' });
let { ShardIterator } = await streams.send(iterator);
for (let page = 0; page < 5; page++) {
  ({ NextShardIterator: ShardIterator } = await streams.send(new GetRecordsCommand({ ShardIterator })));
}
process.exit(0);
