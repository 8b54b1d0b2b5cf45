import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, type Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTablesClient } from '../../../src/aws/tables-client.js';

/** Made for these tests: a CA, and a certificate of it for dynamodb.test. */
const file = (name: string) => fileURLToPath(new URL(`../../support/certificates/${name}`, import.meta.url));
const ENDPOINT = { endpointUrl: 'https://dynamodb.test', region: 'eu-west-1' };
const AUTHORIZATION = `Basic ${Buffer.from('me:secret').toString('base64')}`;

/** Stands for DynamoDB. */
const service = createHttpsServer(
  { key: readFileSync(file('server.key')), cert: readFileSync(file('server.pem')) },
  (_, response) => {
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    response.end('{"TimeToLiveDescription":{"TimeToLiveStatus":"DISABLED"}}');
  },
);
const asked: string[] = [];
/** A CONNECT proxy that knows dynamodb.test and wants a password. */
const proxy = createHttpServer().on('connect', (request, socket) => {
  asked.push(request.url ?? '');
  if (request.headers['proxy-authorization'] !== AUTHORIZATION) {
    socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
    return;
  }
  const upstream = connect(portOf(service), '127.0.0.1', () => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    socket.pipe(upstream).pipe(socket);
  });
  upstream.on('error', () => socket.destroy());
  socket.on('error', () => upstream.destroy());
});

beforeAll(async () => {
  for (const server of [service, proxy]) await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterAll(() => {
  service.closeAllConnections();
  service.close();
  proxy.closeAllConnections();
  proxy.close();
});

beforeEach(() => {
  asked.length = 0;
  for (const name of Object.keys(process.env)) {
    if (/^AWS_|_proxy$/i.test(name)) vi.stubEnv(name, undefined);
  }
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AK');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'sk');
  vi.stubEnv('AWS_CA_BUNDLE', file('ca.pem'));
  vi.stubEnv('HTTPS_PROXY', `http://me:secret@127.0.0.1:${portOf(proxy)}`);
  return () => vi.unstubAllEnvs();
});

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function ask() {
  const tables = createTablesClient(ENDPOINT, { connectTimeout: 2000, callTimeout: 10_000 });
  try {
    return await tables.describeTimeToLive('T');
  } finally {
    tables.close();
  }
}

describe('createTablesClient', () => {
  it('goes through HTTPS_PROXY, with its password, and trusts AWS_CA_BUNDLE', async () => {
    expect(await ask()).toEqual({ status: 'DISABLED' });
    expect(asked).toEqual(['dynamodb.test:443']);
  });

  it('names the proxy, without its password, when that rejects the call', async () => {
    vi.stubEnv('HTTPS_PROXY', `http://me:wrong@127.0.0.1:${portOf(proxy)}`);
    const error = await ask().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'NETWORK',
      message: `Cannot reach DynamoDB at dynamodb.test through the proxy http://127.0.0.1:${portOf(proxy)} of HTTPS_PROXY for DescribeTimeToLive (status 407).`,
      remedy: expect.stringContaining('Check HTTPS_PROXY'),
    });
    expect(String(error)).not.toContain('wrong');
  });

  it('names the proxy when nothing listens there', async () => {
    vi.stubEnv('HTTPS_PROXY', 'http://127.0.0.1:9');
    await expect(ask()).rejects.toMatchObject({
      code: 'NETWORK',
      message: expect.stringContaining('through the proxy http://127.0.0.1:9 of HTTPS_PROXY'),
    });
  });

  it('trusts only AWS_CA_BUNDLE, and names it', async () => {
    vi.stubEnv('AWS_CA_BUNDLE', undefined);
    await expect(ask()).rejects.toMatchObject({ code: 'NETWORK', remedy: expect.stringContaining('AWS_CA_BUNDLE') });
  });

  it('bypasses the proxy for a host in NO_PROXY', async () => {
    vi.stubEnv('NO_PROXY', '.test');
    await expect(ask()).rejects.toMatchObject({
      code: 'NETWORK',
      message: expect.stringMatching(/^Cannot reach dynamodb\.test for /),
    });
    expect(asked).toEqual([]);
  });
});
