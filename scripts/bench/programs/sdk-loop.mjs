// The SDK as it comes: reads a stream's shards up to their first empty page and writes nothing.
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';

const [endpoint, StreamArn, expected] = process.argv.slice(2);
const client = new DynamoDBStreamsClient({ endpoint });
const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamArn }));
let records = 0;
for (const { ShardId } of StreamDescription.Shards) {
  const iterator = new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' });
  let { ShardIterator } = await client.send(iterator);
  while (ShardIterator !== undefined) {
    const page = await client.send(new GetRecordsCommand({ ShardIterator }));
    records += page.Records.length;
    if (page.Records.length === 0) break;
    ShardIterator = page.NextShardIterator;
  }
}
if (records !== Number(expected)) throw new Error(`${records} records instead of ${expected}`);
process.exit(0);
