import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as sdk from '@aws-sdk/client-dynamodb-streams';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createStreamsClient } from '../../../src/aws/streams-client.js';
import { createQuietly } from '../../../src/connection/create-quietly.js';
import type { StreamsClient } from '../../../src/ports/index.js';
import {
  type AwsEndpoint,
  answerError,
  answerJson,
  type ReceivedCall,
  startAwsEndpoint,
} from '../../support/aws-endpoint.js';
import { sentSignature, signatureOf, signedAt } from '../../support/aws-signature.js';

// What src/aws/reuse-calls.ts relies on in the SDK: this fails when a request is no longer complete before it is signed.

const SECRET = 'secret/of+the=tests';
const INPUTS = {
  DescribeStream: { StreamArn: 'arn', ExclusiveStartShardId: 'shard' },
  GetShardIterator: { StreamArn: 'arn', ShardId: 'shard', ShardIteratorType: 'LATEST' },
  GetRecords: { ShardIterator: 'grün' },
  ListStreams: { TableName: 'T' },
} as const;

type Answer = (response: ServerResponse, call: ReceivedCall, request: IncomingMessage) => void;

const page: Answer = (response) => answerJson(response, { Records: [] });

let folder: string;
let endpoint: AwsEndpoint;
let client: StreamsClient;
let answer: Answer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ttl-archive-reuse-'));
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) vi.stubEnv(name, undefined);
  vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'config'));
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'credentials'));
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'KEY');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', SECRET);
  vi.stubEnv('AWS_SESSION_TOKEN', 'token');
  answer = page;
  endpoint = await startAwsEndpoint((call, response, request) => answer(response, call, request));
  client = createStreamsClient({ endpointUrl: endpoint.url }, { callTimeout: 5000 });
});

afterEach(async () => {
  client.close();
  await endpoint.close();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const getRecords = (ShardIterator = 'it', signal?: AbortSignal) => client.getRecords({ ShardIterator }, signal);

/** Makes every call of the client's, whatever comes of it. */
async function callAll() {
  const { StreamArn, ShardId, ShardIteratorType: start } = INPUTS.GetShardIterator;
  await Promise.allSettled([
    client.describeStream(INPUTS.DescribeStream),
    client.getShardIterator({ StreamArn, ShardId, start }),
    client.getRecords(INPUTS.GetRecords),
    client.listStreams(INPUTS.ListStreams),
  ]);
}

/** Makes the same calls through a client as the SDK ships it. */
async function callAllBySdk() {
  const own = createQuietly(() => new sdk.DynamoDBStreamsClient({ endpoint: endpoint.url, maxAttempts: 1 }));
  await Promise.allSettled([
    own.send(new sdk.DescribeStreamCommand(INPUTS.DescribeStream)),
    own.send(new sdk.GetShardIteratorCommand(INPUTS.GetShardIterator)),
    own.send(new sdk.GetRecordsCommand(INPUTS.GetRecords)),
    own.send(new sdk.ListStreamsCommand(INPUTS.ListStreams)),
  ]);
  own.destroy();
}

/** What was sent of each operation, without what differs from call to call. */
function sentByOperation(calls: readonly ReceivedCall[]) {
  const sorted = calls.toSorted((a, b) => a.operation.localeCompare(b.operation));
  return sorted.map(({ text, headers: { authorization = '', ...headers } }) => {
    // The features that the user agent names include the SDK's retry.
    const userAgent = headers['user-agent']?.replace(/ m\/\S*/, '');
    const { 'x-amz-date': _, 'amz-sdk-invocation-id': __, 'amz-sdk-request': ___, ...others } = headers;
    return {
      text,
      ...others,
      'user-agent': userAgent,
      authorization: authorization
        .replace(/\d{8}(?=\/)/, '')
        .replace(/Signature=.*/, '')
        .replace('amz-sdk-invocation-id;amz-sdk-request;', ''),
    };
  });
}

describe('reuseCalls', () => {
  it('sends what the SDK would send, the first time and later', async () => {
    await callAllBySdk();
    const bySdk = sentByOperation(endpoint.calls);
    expect(bySdk).toHaveLength(4);
    for (const time of [1, 2, 3]) {
      await callAll();
      expect(sentByOperation(endpoint.calls.slice(4 * time))).toStrictEqual(bySdk);
    }
  });

  it('signs every call, with its own body and the time of the call', async () => {
    for (const iterator of ['a', 'longer', '✓']) await getRecords(iterator);
    await Promise.all(Array.from({ length: 20 }, (_, index) => getRecords(`it${index}`)));
    for (const call of endpoint.calls) expect(sentSignature(call)).toBe(signatureOf(call, SECRET));
    expect(new Set(endpoint.calls.map(({ text }) => text)).size).toBe(23);
    expect(endpoint.calls.every(({ headers }) => headers['x-amz-security-token'] === 'token')).toBe(true);
  });

  it('uses the keys of the moment when those of the provider chain expire', async () => {
    for (const name of ['ACCESS_KEY_ID', 'SECRET_ACCESS_KEY', 'SESSION_TOKEN']) vi.stubEnv(`AWS_${name}`, undefined);
    const script = join(folder, 'keys.sh');
    const Expiration = new Date(Date.now() + 60_000).toISOString();
    const keys = JSON.stringify({ Version: 1, AccessKeyId: 'KEY_N', SecretAccessKey: 's', Expiration });
    // Each run has another process id. It writes no file: the last one may still run when the folder is removed.
    writeFileSync(script, `echo '${keys}' | sed "s/KEY_N/KEY$$/"\n`);
    writeFileSync(join(folder, 'config'), `[profile p]\ncredential_process = sh ${script}\n`);
    client.close();
    client = createStreamsClient({ endpointUrl: endpoint.url, profile: 'p' });
    // The chain looks up keys that expire within five minutes in the background: some later call uses them.
    const used = () => new Set(endpoint.calls.map(({ accessKeyId }) => accessKeyId));
    while (used().size < 3) await getRecords();
    const ids = endpoint.calls.map(({ accessKeyId }) => accessKeyId);
    // Once there are newer keys, those of before are not used any more.
    expect(ids.filter((id, index) => id !== ids[index - 1])).toEqual([...used()]);
  });

  it("signs by the server's clock, for many calls at once, when this machine's turns out to be wrong", async () => {
    await Promise.all(Array.from({ length: 20 }, () => getRecords()));
    const ahead = 3 * 3600_000;
    answer = (response, call, request) => {
      const now = Date.now() + ahead;
      response.setHeader('date', new Date(now).toUTCString());
      if (Math.abs(signedAt(call) - now) < 300_000) page(response, call, request);
      else answerError(response, 'InvalidSignatureException', 'Signature expired: it is now earlier than');
    };
    await Promise.all(Array.from({ length: 20 }, () => getRecords()));
    const before = endpoint.calls.length;
    await Promise.all(Array.from({ length: 20 }, () => getRecords()));
    expect(endpoint.calls.length - before).toBe(20);
  });

  it("keeps the SDK's error names, and goes on after an error", async () => {
    await getRecords();
    answer = (response) => answerError(response, 'ExpiredIteratorException', 'too old');
    for (let calls = 0; calls < 2; calls++) {
      await expect(getRecords()).rejects.toMatchObject({
        code: 'EXPIRED_ITERATOR',
        cause: { name: 'ExpiredIteratorException', $metadata: { httpStatusCode: 400 } },
      });
    }
    answer = (response) => response.writeHead(503).end('<html>');
    await expect(getRecords()).rejects.toMatchObject({ code: 'SERVICE' });
    answer = (response) => response.destroy();
    await expect(getRecords()).rejects.toMatchObject({ code: 'NETWORK' });
    answer = page;
    await getRecords();
    expect(endpoint.calls).toHaveLength(6);
  });

  it.each(['the signal', 'the timeout'])('closes the connection of a call that %s ends', async (what) => {
    client.close();
    client = createStreamsClient({ endpointUrl: endpoint.url }, { callTimeout: what === 'the timeout' ? 100 : 60_000 });
    // The first call looks up the connection and the keys.
    await getRecords().catch(() => undefined);
    const stopping = new AbortController();
    const closed = new Promise<void>((resolve) => {
      answer = (response) => {
        response.once('close', resolve);
        if (what === 'the signal') stopping.abort(new Error('stopped'));
      };
    });
    const failed = getRecords('it', stopping.signal).catch((error: unknown) => error);
    await closed;
    expect(await failed).toMatchObject(what === 'the signal' ? { message: 'stopped' } : { code: 'NETWORK' });
    answer = page;
    await expect(getRecords()).resolves.toMatchObject({ Records: [] });
  });
});
