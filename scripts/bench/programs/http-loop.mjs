// The least that reading takes: node:http and JSON.parse, up to the first empty page of each shard; writes nothing.
// Several streams, with commas between their ARNs, are read at the same time.
import { Agent, request } from 'node:http';

const [endpoint, StreamArns, expected] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true });

function call(operation, input) {
  const body = JSON.stringify(input);
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'content-length': Buffer.byteLength(body),
    'x-amz-target': `DynamoDBStreams_20120810.${operation}`,
    authorization:
      'AWS4-HMAC-SHA256 Credential=bench/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
  };
  return new Promise((resolve, reject) => {
    const sent = request(endpoint, { method: 'POST', agent, headers }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString())));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

let records = 0;
async function read(StreamArn) {
  const { StreamDescription } = await call('DescribeStream', { StreamArn });
  for (const { ShardId } of StreamDescription.Shards) {
    const start = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' };
    let { ShardIterator } = await call('GetShardIterator', start);
    while (ShardIterator !== undefined) {
      const page = await call('GetRecords', { ShardIterator });
      records += page.Records.length;
      if (page.Records.length === 0) break;
      ShardIterator = page.NextShardIterator;
    }
  }
}

await Promise.all(StreamArns.split(',').map(read));
if (records !== Number(expected)) throw new Error(`${records} records instead of ${expected}`);
process.exit(0);
