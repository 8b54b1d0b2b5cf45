import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TtlArchiveError } from '../../../src/errors.js';
import type { Answer } from '../../../src/monitor/monitor.js';
import { serveMonitor } from '../../../src/monitor/monitor-server.js';
import { notedLog } from '../../support/noted-log.js';

const HOST = '127.0.0.1';
const OK: Answer = { status: 200, type: 'text/plain', body: 'fine\n' };

async function serving(answer: (path: string) => Answer | undefined = (path) => (path === '/ok' ? OK : undefined)) {
  const server = await serveMonitor({ answer }, { port: 0, host: HOST, log: notedLog() });
  onTestFinished(() => server.close().catch(() => undefined));
  const port = Number(new URL(server.url).port);
  /** A connection that has sent these bytes; `text()` is what has come back. */
  const open = async (bytes: string) => {
    const socket = connect(port, HOST);
    onTestFinished(() => void socket.destroy());
    let text = '';
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write(bytes);
    return { socket, text: () => text, collect: () => socket.on('data', (data) => (text += data)) };
  };
  return { ...server, port, open };
}

describe('serveMonitor', () => {
  it('answers GET and HEAD, and nothing else', async () => {
    const { url } = await serving();
    const got = await fetch(`${url}/ok?x=1`);
    expect([got.status, got.headers.get('content-type'), await got.text()]).toEqual([200, 'text/plain', 'fine\n']);
    const head = await fetch(`${url}/ok`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '5', '']);
    expect((await fetch(`${url}/nope`)).status).toBe(404);
    const post = await fetch(`${url}/ok`, { method: 'POST', body: 'x'.repeat(100_000) });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('answers 500 when the numbers cannot be had: a request never ends the archiving', async () => {
    const { url } = await serving(() => {
      throw new Error('broken');
    });
    expect((await fetch(`${url}/metrics`)).status).toBe(500);
    expect((await fetch(`${url}/metrics`)).status).toBe(500);
  });

  it('throws USAGE that names the port when it is taken, and leaves it to the other one', async () => {
    const other = createServer().listen(0, HOST);
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    const error = await serveMonitor({ answer: () => OK }, { port, host: HOST, log: notedLog() }).catch(
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(TtlArchiveError);
    expect(error).toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining(`port ${port} of ${HOST} is taken`),
    });
  });

  it('throws USAGE for an address that is not of this machine', async () => {
    const serve = serveMonitor({ answer: () => OK }, { port: 0, host: '192.0.2.1', log: notedLog() });
    await expect(serve).rejects.toMatchObject({ code: 'USAGE', remedy: expect.stringContaining('--metrics-host') });
  });

  it('goes on answering while a client does not read its answer', async () => {
    const body = 'x'.repeat(20_000_000);
    const { url, open, close } = await serving((path) => (path === '/large' ? { ...OK, body } : OK));
    const slow = await open('GET /large HTTP/1.1\r\nHost: a\r\n\r\n');
    slow.socket.pause();
    expect(await (await fetch(`${url}/ok`)).text()).toBe('fine\n');
    await close();
    await expect(fetch(`${url}/ok`)).rejects.toThrow('fetch failed');
  });

  it('closes with idle connections and half a request open, and refuses later ones', async () => {
    const { url, open, close } = await serving();
    await fetch(`${url}/ok`); // Its connection is kept alive.
    const silent = await open('');
    const half = await open('GET /ok HTTP/1.1\r\nHo');
    const closed = [silent, half].map(({ socket }) => once(socket.resume(), 'close'));
    await close();
    await Promise.all(closed);
    await expect(fetch(`${url}/ok`)).rejects.toThrow('fetch failed');
  });

  it('answers a request that was begun before the end', async () => {
    const { open, close } = await serving();
    const late = await open('GET /ok HTTP/1.1\r\nHost: a\r\n');
    late.collect();
    // The server has the first bytes once it has answered a later connection.
    const after = await open('GET /ok HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await once(after.socket.resume(), 'close');
    const closing = close();
    late.socket.write('\r\n');
    await Promise.all([closing, once(late.socket, 'close')]);
    expect(late.text()).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*Connection: close\r\n[\s\S]*fine\n$/);
  });
});
