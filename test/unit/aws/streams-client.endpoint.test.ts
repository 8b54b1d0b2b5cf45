import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createStreamsClient } from '../../../src/aws/streams-client.js';

const asked: string[] = [];
/** A CONNECT proxy that reaches nothing: it notes where a client wants to go. */
const proxy = createServer().on('connect', (request, socket) => {
  asked.push(request.url ?? '');
  socket.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n');
});

beforeAll(() => once(proxy.listen(0, '127.0.0.1'), 'listening'));
afterAll(() => void proxy.close());

beforeEach(() => {
  asked.length = 0;
  for (const name of Object.keys(process.env)) {
    if (/^AWS_|_proxy$/i.test(name)) vi.stubEnv(name, undefined);
  }
  vi.stubEnv('AWS_CONFIG_FILE', '/nowhere');
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nowhere');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AK');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'sk');
  vi.stubEnv('HTTPS_PROXY', `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
  return () => vi.unstubAllEnvs();
});

describe('createStreamsClient', () => {
  it.each([
    [{}, 'streams.dynamodb.us-east-1.amazonaws.com'],
    [{ AWS_USE_FIPS_ENDPOINT: 'true' }, 'streams.dynamodb-fips.us-east-1.amazonaws.com'],
    [{ AWS_USE_DUALSTACK_ENDPOINT: 'true' }, 'streams-dynamodb.us-east-1.api.aws'],
    [{ AWS_ENDPOINT_URL_DYNAMODB_STREAMS: 'https://streams.test:8443' }, 'streams.test:8443'],
  ])('sends every call through the proxy to the endpoint of %o', async (variables, host) => {
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    const client = createStreamsClient({ region: 'us-east-1' });
    for (let calls = 0; calls < 2; calls++) {
      await expect(client.getRecords({ ShardIterator: 'it' })).rejects.toMatchObject({ name: 'TtlArchiveError' });
    }
    client.close();
    const target = host.includes(':') ? host : `${host}:443`;
    expect(asked).toEqual([target, target]);
  });
});
