// Polls shards at a fixed pace from LATEST on and prints how old each record is when it comes (milliseconds).
import { DynamoDBStreamsClient, GetRecordsCommand, GetShardIteratorCommand } from '@aws-sdk/client-dynamodb-streams';

const [endpoint, StreamArn, interval, ...shards] = process.argv.slice(2);
const client = new DynamoDBStreamsClient({ endpoint });
for (const ShardId of shards) {
  let { ShardIterator } = await client.send(
    new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: 'LATEST' }),
  );
  setInterval(async () => {
    const page = await client.send(new GetRecordsCommand({ ShardIterator }));
    ShardIterator = page.NextShardIterator;
    for (const { dynamodb } of page.Records) console.log(Date.now() - Number(dynamodb.OldImage.putAt.N));
  }, Number(interval));
}
