import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TtlArchiveError } from '../errors.js';
import { escapeText } from '../lib/escape.js';
import type { Log } from '../ports/index.js';
import type { Answer, Monitor } from './monitor.js';

/** More connections are refused: a scraper and two probes need three. */
const MAX_CONNECTIONS = 64;
/** Milliseconds for sending a request, and without any traffic while its answer is read. */
const REQUEST_TIMEOUT = 10_000;
/** Milliseconds that an answer in hand gets at the end. */
const FINISH = 1_000;

export interface MonitorServer {
  /** `http://127.0.0.1:9464`. */
  readonly url: string;
  /** Refuses new requests, and resolves when those in hand are answered, after a second at the latest. */
  close(): Promise<void>;
}

/**
 * Serves what the monitor answers, over HTTP. An answer is a few kilobytes, made at once and written by the system, so
 * that a slow client delays nothing. Throws USAGE when the port is taken or not permitted.
 *
 * @param port 0: any free port.
 */
export async function serveMonitor(
  monitor: Pick<Monitor, 'answer'>,
  { port, host, log }: { readonly port: number; readonly host: string; readonly log: Log },
): Promise<MonitorServer> {
  const server = createServer((request, response) => {
    // At the end no connection is kept alive.
    if (!server.listening) response.setHeader('Connection', 'close');
    respond(monitor, request, response);
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.requestTimeout = REQUEST_TIMEOUT;
  server.headersTimeout = REQUEST_TIMEOUT;
  server.setTimeout(REQUEST_TIMEOUT);
  server.listen({ port, host });
  try {
    await once(server, 'listening');
  } catch (error) {
    throw listenError(error, port, host);
  }
  server.on('error', (error) => log.warn({ event: 'monitor.failed', reason: error.message }, 'the metrics port fails'));
  const url = urlOf(server.address());
  log.info({ event: 'monitor.started', url }, 'serving /metrics, /healthz and /readyz');
  return { url, close: () => close(server) };
}

/** What is asked for must never end the archiving, so that an error is an answer. */
function answerOf(monitor: Pick<Monitor, 'answer'>, { method, url = '' }: IncomingMessage): Answer {
  if (method !== 'GET' && method !== 'HEAD') return text(405, 'Only GET and HEAD.');
  const [path = ''] = url.split('?');
  try {
    return monitor.answer(path) ?? text(404, 'There is /metrics, /healthz and /readyz.');
  } catch (error) {
    return text(500, String(error));
  }
}

function text(status: number, sentence: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: `${sentence}\n` };
}

function respond(monitor: Pick<Monitor, 'answer'>, request: IncomingMessage, response: ServerResponse): void {
  const { status, type, body } = answerOf(monitor, request);
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    ...(status === 405 && { Allow: 'GET, HEAD' }),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), FINISH);
  await closed;
  clearTimeout(timer);
}

function urlOf(address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string') return '';
  return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
}

function listenError(error: unknown, port: number, host: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const where = `port ${port} of ${escapeText(host)}`;
  const why =
    code === 'EADDRINUSE'
      ? ['is taken by another process', 'Choose another --metrics-port, or stop that process.']
      : code === 'EACCES'
        ? ['may not be used by this user', 'Choose a --metrics-port above 1023.']
        : code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EINVAL'
          ? ['is not an address of this machine', 'Give an address of it as --metrics-host; 0.0.0.0 is all of them.']
          : undefined;
  if (why === undefined) return error;
  const [message, remedy] = why;
  return new TtlArchiveError('USAGE', `The metrics cannot be served: ${where} ${message}.`, { remedy, cause: error });
}
