import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { runProgram } from '../../../src/cli/program.js';
import { changeRecord } from '../../support/change-record.js';
import { failedInvocation } from '../../support/failed-invocation.js';
import { fakeIo } from '../../support/fake-io.js';
import { eventRecord } from '../../support/lambda-event.js';
import { readS3Archive } from '../../support/s3-archive-oracle.js';
import { type S3Server, startS3Server } from '../../support/s3-server/s3-server.js';

let server: S3Server;

beforeEach(async () => {
  server = await startS3Server();
  onTestFinished(() => server.close());
  const poison = eventRecord(changeRecord({ eventID: 'e2', dynamodb: { OldImage: undefined, SequenceNumber: '102' } }));
  for (const [id, record] of [eventRecord(changeRecord()), poison].entries()) {
    const [key, content] = failedInvocation({ records: [record], id: `${id}\u001b` });
    server.objects.set(`failed/${key}`, content);
  }
});

async function run(...argv: string[]) {
  const io = fakeIo();
  const status = await runProgram(['replay', '--s3-endpoint-url', server.endpointUrl, ...argv], io);
  return { status, out: io.out(), err: io.err() };
}

const FROM_TO = ['s3://bucket/failed', '--out', 's3://bucket/orders'];

describe('replay', () => {
  it('archives, says what is left, and exits with 5', async () => {
    const { status, out, err } = await run(...FROM_TO, '--table', 'Orders');
    expect(status).toBe(5);
    expect(out.split('\n')).toEqual([
      expect.stringMatching(
        /^left {2}failed\/aws\/lambda\/.*1\\u001b, record 102 of shardId-.*: it is a deletion without its OldImage$/,
      ),
      '1 batch of Orders replayed: 1 item archived, 0 records ignored',
      '1 left: a gap',
      '',
    ]);
    expect(JSON.parse(err)).toMatchObject({ code: 'GAP', msg: '1 batch in s3://bucket/failed cannot be archived.' });
    const archive = [...server.objects].filter(([key]) => key.startsWith('orders/'));
    const objects = new Map(archive.map(([key, content]) => [key.slice('orders/'.length), content]));
    expect(readS3Archive(objects)).toHaveLength(1);
    // The archive says now which table it is of.
    const again = await run(...FROM_TO, '--json');
    expect(JSON.parse(again.out)).toMatchObject({
      table: 'Orders',
      batches: 0,
      replayedBefore: 1,
      left: 1,
      leftBatches: [{ SequenceNumber: '102' }],
    });
    expect((await run(...FROM_TO, '--table', 'Carts')).status).toBe(3);
  });

  it.each([
    [FROM_TO, 'Name the table with --table.'],
    [['failed', '--out', 's3://bucket/orders'], 'Give a bucket'],
    [['s3://bucket/failed', '--out', 'temp'], 'Give a bucket'],
    [[...FROM_TO, '--deletions', 'inferred'], 'Name it with --ttl-attribute.'],
    [['s3://bucket/failed'], '--out'],
  ])('rejects %j', async (argv, says) => {
    const { status, err } = await run(...argv);
    expect(status).toBe(2);
    expect(err).toContain(says);
  });
});
