// The npm package dynamodb-streams-readable: counts its records and writes nothing.
import { DynamoDBStreams } from '@aws-sdk/client-dynamodb-streams';
import createReadable from 'dynamodb-streams-readable';

const [endpoint, StreamArn, expected] = process.argv.slice(2);
const readable = createReadable(new DynamoDBStreams({ endpoint }), StreamArn, { limit: 1000 });
let records = 0;
for await (const page of readable) {
  records += page.length;
  if (records >= Number(expected)) break;
}
process.exit(0);
