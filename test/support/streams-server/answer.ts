import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { crc32 } from 'node:zlib';
import type { Fault } from './faults.js';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

const HTML = '<html><body><h1>503 Service Unavailable</h1></body></html>';

/** Sends an answer, spoilt by the fault. Error faults are answers already and no matter of this function. */
export function send(response: ServerResponse, { status, body }: Answer, fault: Fault | undefined): void {
  const { socket } = response;
  switch (fault?.kind) {
    case 'html':
      response.writeHead(503, { 'content-type': 'text/html', 'content-length': HTML.length }).end(HTML);
      return;
    case 'reset':
      socket?.resetAndDestroy();
      return;
    case 'stall':
      return;
    case 'reset-in-body':
      sendHalf(response, status, body, 'length', () => socket?.resetAndDestroy());
      return;
    case 'stall-in-body':
      sendHalf(response, status, body, 'length', () => undefined);
      return;
    case 'truncated':
      sendHalf(response, status, body, 'length', () => socket?.end());
      return;
    case 'truncated-chunked':
      sendHalf(response, status, body, 'chunked', () => socket?.end());
      return;
    case 'truncated-unannounced':
      sendHalf(response, status, body, 'none', () => response.end());
      return;
    case 'invalid-json':
      sendWhole(response, 200, Buffer.from(`${body.slice(0, -1)},,`));
      return;
    case 'body':
      sendWhole(response, 200, Buffer.from(fault.body));
      return;
    case 'wrong-crc':
      sendWhole(response, status, Buffer.from(body), 1);
      return;
    case 'error':
    case 'latency':
    case undefined:
      sendWhole(response, status, Buffer.from(body));
  }
}

function sendWhole(response: ServerResponse, status: number, bytes: Buffer, spoilCrc = 0): void {
  response.writeHead(status, { ...headers(bytes, spoilCrc), 'content-length': bytes.length }).end(bytes);
}

function sendHalf(
  response: ServerResponse,
  status: number,
  body: string,
  framing: 'length' | 'chunked' | 'none',
  then: () => void,
): void {
  const bytes = Buffer.from(body);
  if (framing === 'none') {
    response.useChunkedEncodingByDefault = false;
    response.shouldKeepAlive = false;
  }
  response.writeHead(status, {
    ...headers(bytes, 0),
    ...(framing === 'length' && { 'content-length': bytes.length }),
  });
  response.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), then);
}

function headers(bytes: Buffer, spoilCrc: number) {
  return {
    'content-type': 'application/x-amz-json-1.0',
    'x-amzn-requestid': randomUUID(),
    'x-amz-crc32': String((crc32(bytes) ^ spoilCrc) >>> 0),
  };
}
