import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildProgram, runProgram } from '../../../src/cli/program.js';
import { nodeDisk } from '../../../src/disk/node-disk.js';
import { type AwsEndpoint, answerError, answerJson, startAwsEndpoint } from '../../support/aws-endpoint.js';
import { fakeIo } from '../../support/fake-io.js';
import { HOSTILE_KEYS } from '../../support/hostile-keys.js';
import { serveArchive, writeBatch } from '../../support/s3-archive.js';
import type { S3Server } from '../../support/s3-server/s3-server.js';
import { sampleItem, writeSampleArchive } from '../../support/sample-archive.js';

/** Clears the screen, sets the title, forges a line of output, turns red, and reverses the direction. */
const HOSTILE = 'x\u001b[2J\u001b]0;title\u0007\nFORGED\r\u009b31m\u202ey';
/** A line feed may only end a line that is ours. */
const FORGED = /^FORGED/m;
// oxlint-disable-next-line no-control-regex -- they are what must not be there
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/;

let root = '';
let s3: { readonly server: S3Server; readonly place: readonly string[] };
let rejecting: AwsEndpoint;
let describing: AwsEndpoint;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'hostile-text-'));
  const keys = HOSTILE_KEYS.filter((key) => key.length < 500);
  const items = [HOSTILE, ...keys].map((key, index) => sampleItem(index, { [HOSTILE]: { S: key } }));
  for (const out of ['temp', 'gone', HOSTILE]) {
    await mkdir(join(root, out));
    await writeSampleArchive({ disk: nodeDisk, directory: join(root, out), items, keys: [HOSTILE] });
    await writeFile(join(root, out, `${HOSTILE}.json`), HOSTILE);
  }
  for (const file of await readdir(join(root, 'gone'))) {
    if (file.endsWith('.json') && file !== `${HOSTILE}.json`) await writeFile(join(root, 'gone', file), HOSTILE);
  }
  await writeFile(join(root, `${HOSTILE}.json`), JSON.stringify({ Item: { [HOSTILE]: { S: HOSTILE } } }));

  const objects = new Map<string, Buffer>();
  await writeBatch(objects, 3);
  s3 = await serveArchive(objects);
  const folder = 'year=2026/month=11/day=23/hour=12';
  s3.server.objects.set(`orders/${folder}/${HOSTILE}.json.gz`, Buffer.from(HOSTILE));
  s3.server.objects.set(`orders/.ttl-archive/manifests/${folder}/${HOSTILE}.ndjson`, Buffer.from(HOSTILE));
  s3.server.objects.set(`failed/${HOSTILE}.json`, Buffer.from(HOSTILE));

  rejecting = await startAwsEndpoint((_, response) => answerError(response, 'ValidationException', HOSTILE));
  describing = await startAwsEndpoint(({ operation }, response) => {
    // Its table would be there for ever.
    if (operation === 'DeleteTable') answerError(response, 'AccessDeniedException', HOSTILE);
    else answerJson(response, answerOf(operation));
  });
});

afterAll(async () => {
  await Promise.all([rejecting.close(), describing.close(), s3.server.close()]);
  await rm(root, { recursive: true, force: true });
});

/** A table whose attributes have hostile names; items that are put are gone at once. */
function answerOf(operation: string): object {
  const attribute = { AttributeName: HOSTILE };
  if (operation === 'DescribeTimeToLive') {
    return { TimeToLiveDescription: { AttributeName: `${HOSTILE} ttl`, TimeToLiveStatus: 'ENABLED' } };
  }
  if (operation !== 'DescribeTable')
    return { StreamDescription: { StreamArn: HOSTILE, StreamStatus: 'ENABLED', Shards: [] }, Items: [] };
  return {
    Table: {
      TableName: HOSTILE,
      TableArn: `arn:aws:dynamodb:us-east-1:000000000000:table/${HOSTILE}`,
      TableStatus: 'ACTIVE',
      KeySchema: [{ ...attribute, KeyType: 'HASH' }],
      AttributeDefinitions: [{ ...attribute, AttributeType: 'S' }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'OLD_IMAGE' },
      LatestStreamArn: `arn:aws:dynamodb:us-east-1:000000000000:table/${HOSTILE}/stream/${HOSTILE}`,
    },
  };
}

/** The text that a command prints on a terminal, in both formats of the log. */
async function printed(argv: readonly string[]): Promise<string> {
  let text = '';
  for (const format of ['pretty', 'json']) {
    // A dumb terminal, because the live line has escape sequences of its own.
    const io = fakeIo({
      cwd: root,
      env: { TERM: 'dumb', AWS_ACCESS_KEY_ID: 'k', AWS_SECRET_ACCESS_KEY: 's', AWS_REGION: 'us-east-1' },
      stdout: { isTTY: true, columns: 80 },
      stderr: { isTTY: true, columns: 80 },
    });
    await runProgram([...argv, '--log-format', format, '--log-level', 'debug'], io);
    text += io.out() + io.err();
  }
  return text;
}

/** What a command prints that acts on a terminal, or looks like a line of its own. */
async function harmOf(argv: readonly string[]): Promise<string[]> {
  const text = await printed(argv);
  const harm = [UNSAFE, FORGED].flatMap((pattern) => pattern.exec(text) ?? []).map((found) => JSON.stringify(found));
  return [...harm, ...(text === '' ? ['nothing'] : [])].map((found) => `${argv.join(' ')}: ${found}`);
}

/** Every option with a value, and every argument, of every command. */
const OPTIONS = buildProgram(fakeIo(), () => async () => undefined).commands.flatMap((command) => [
  [command.name(), HOSTILE],
  [command.name(), `--${HOSTILE}`],
  ...command.options.filter(({ required }) => required).map(({ long }) => [command.name(), long ?? '', HOSTILE]),
]);
/** They start what is not about text, or would not end. */
const STARTING = new Set(['local', 'demo']);

describe('text from outside on a terminal', () => {
  it('is harmless as a value of any option or argument, and as an unknown one', async () => {
    const at = ['--endpoint-url', rejecting.url];
    const harm: string[] = [];
    for (const argv of OPTIONS) {
      const [name = '', option] = argv;
      const isStarted = STARTING.has(name) || option === '--endpoint-url' || option === '--log-level';
      const connects = ['setup', 'watch', 'put-and-wait', 'doctor', 'restore', 'teardown'].includes(name);
      if (!isStarted) harm.push(...(await harmOf([...argv, ...(connects ? at : [])])));
    }
    expect([...harm, ...(await harmOf([HOSTILE]))]).toEqual([]);
  });

  it.each([
    ['status', '--out', HOSTILE],
    ['status', '--out', HOSTILE, '--json'],
    ['verify', '--out', HOSTILE],
    ['verify', '--out', HOSTILE, '--json'],
    ['verify', '--out', 'gone'],
    ['verify', '--out', 'gone', '--json'],
    ['find', '--since', '2026-11-20'],
    ['find', '--since', '2026-11-20', '--json'],
    ['find', '--key', HOSTILE, '--show'],
    ['find', '--key', HOSTILE, '--show', '--json'],
    ['find', '--key', HOSTILE, '--show', '--out', 'gone'],
    ['prune', '--older-than', '1s', '--dry-run', '--out', HOSTILE],
    ['report', '--out', HOSTILE, '--output', `${HOSTILE}.html`],
    ['report', '--out', HOSTILE, '--output', `${HOSTILE}.html`],
  ])('is harmless in an archive folder: %j', async (...argv) => {
    expect(await harmOf(argv)).toEqual([]);
  });

  it.each([
    ['setup'],
    ['setup', '--ttl-attribute', HOSTILE],
    ['put-and-wait', '--timeout', '1s'],
    ['put-and-wait', '--timeout', '1s', '--json'],
    ['doctor', '--out', 'temp'],
    ['doctor', '--out', HOSTILE, '--json'],
    ['restore', '--dry-run'],
    ['restore', '--dry-run', '--out', 'gone'],
    ['restore', '--dry-run', '--json', '--out', HOSTILE],
    ['restore', '--dry-run', `${HOSTILE}.json`],
    ['restore', '--dry-run', `${HOSTILE}*`],
    ['teardown', '--table', HOSTILE, '--yes'],
    ['teardown', '--table', HOSTILE, '--yes', '--files', '--out', HOSTILE],
  ])('is harmless in what DynamoDB answers: %j', async (...argv) => {
    expect(await harmOf([...argv, '--endpoint-url', rejecting.url])).toEqual([]);
    expect(await harmOf([...argv, '--endpoint-url', describing.url])).toEqual([]);
  });

  it('is harmless in an error that ends a watch', async () => {
    expect(await harmOf(['watch', '--once', '--out', HOSTILE, '--endpoint-url', rejecting.url])).toEqual([]);
  });

  it.each([
    ['status'],
    ['verify'],
    ['verify', '--json'],
    ['find', '--since', '2026-11-20'],
    ['find', '--key', HOSTILE],
    ['report', '--output', 's3.html', '--force'],
    ['status', '--failed', 's3://bucket/failed'],
    ['replay', 's3://bucket/failed', '--dry-run'],
  ])('is harmless in a bucket: %j', async (...argv) => {
    expect(await harmOf([...argv, ...s3.place])).toEqual([]);
  });

  it('is harmless in the objects that are merged', async () => {
    expect(await harmOf(['compact', 's3://bucket/orders', '--dry-run', ...s3.place.slice(2)])).toEqual([]);
  });
});
