// Gives events of 10,000 TTL deletions to a handler, and prints as JSON what it took, without the making of the events.
import { pino } from 'pino';

const [contender, count, bytes] = process.argv.slice(2);
const BATCH = 10_000;
const puts = { objects: 0, bytes: 0 };

/** An S3 that takes no time: what is measured is this program's own work. */
const storage = {
  async create(_key, content) {
    puts.objects++;
    puts.bytes += content.length;
    return 'created';
  },
};

/** As the sample of AWS does it (Lambda to Firehose): one JSON line a record, 500 of them a call. */
async function sample(event) {
  let lines = [];
  for (const { userIdentity, dynamodb } of event.Records) {
    if (userIdentity.principalId !== 'dynamodb.amazonaws.com') continue;
    lines.push(Buffer.from(`${JSON.stringify(dynamodb.OldImage)}\n`));
    if (lines.length < 500) continue;
    await storage.create('', Buffer.concat(lines));
    lines = [];
  }
  if (lines.length > 0) await storage.create('', Buffer.concat(lines));
}

async function ours() {
  const { createHandler } = await import('../../../dist/lambda/create-handler.js');
  return createHandler({ storage, log: pino({ level: 'silent' }) }, { deletions: 'ttl', ttlAttribute: 'ttl' });
}

function eventOf(batch) {
  const time = 1_795_446_313 + batch * 60;
  return {
    Records: Array.from({ length: BATCH }, (_, index) => {
      const number = batch * BATCH + index;
      const Keys = { PK: { S: `session-${number}` } };
      // Half of it differs from item to item, as names, tokens and times do.
      const data = Buffer.from(`${number}`.repeat(40))
        .toString('base64')
        .slice(0, Number(bytes) / 2);
      return {
        eventID: number.toString(16).padStart(32, '0'),
        eventName: 'REMOVE',
        eventSourceARN: 'arn:aws:dynamodb:eu-west-1:123456789012:table/Orders/stream/2026-11-23T00:00:00.000',
        awsRegion: 'eu-west-1',
        userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' },
        dynamodb: {
          ApproximateCreationDateTime: time,
          Keys,
          OldImage: {
            ...Keys,
            ttl: { N: String(time - 60) },
            data: { S: data },
            text: { S: 'x'.repeat(Number(bytes) / 2) },
          },
          SequenceNumber: String(number).padStart(24, '1'),
        },
      };
    }),
  };
}

const handle = contender === 'sample' ? sample : await ours();
let ms = 0;
let cpuMs = 0;
for (let batch = 0; batch * BATCH < Number(count); batch++) {
  const event = eventOf(batch);
  const begun = performance.now();
  const used = process.cpuUsage();
  await handle(event);
  const { user, system } = process.cpuUsage(used);
  ms += performance.now() - begun;
  cpuMs += (user + system) / 1000;
}
process.stderr.write(JSON.stringify({ ms, cpuMs, ...puts }));
