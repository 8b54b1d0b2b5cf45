import { isAscii } from 'node:buffer';
import type { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { TtlArchiveError } from '../errors.js';
import { isObject } from '../lib/json-checks.js';

/**
 * More than DynamoDB ever sends: a page is at most 1 MB of item data, whose JSON may be some twenty times as long. The
 * limit keeps an endless response from filling the memory.
 */
const MAX_BODY_BYTES = 256 * 1024 * 1024;

/** Reads a response's body to its end. Rejects with the stream's error when the connection breaks before that. */
export function collectBody(stream: Readable, maxBytes = MAX_BODY_BYTES): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let length = 0;
    let ended = false;
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > maxBytes) stream.destroy(badResponse(`is longer than ${maxBytes} bytes`));
    });
    stream.on('end', () => {
      ended = true;
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, length));
      // A connection that is kept open refers to its last response, and so to these listeners.
      chunks = [];
    });
    stream.on('error', reject);
    stream.on('close', () => {
      if (!ended) reject(badResponse('was cut short'));
    });
  });
}

/** Throws BAD_RESPONSE when a body does not match the CRC-32 that DynamoDB sends with it. */
export function checkBody(body: Buffer, expectedCrc: string | undefined): void {
  if (expectedCrc !== undefined && Number(expectedCrc) !== crc32(body)) {
    throw badResponse('does not match its checksum (x-amz-crc32)');
  }
}

/** The JSON of a successful response, parsed. Throws BAD_RESPONSE when it is not a JSON object. */
export function parseBody(body: Buffer): Record<string, unknown> {
  let json: unknown;
  try {
    // Nearly every page is ASCII, and decoding that as Latin-1 is only a copy.
    json = JSON.parse(body.toString(isAscii(body) ? 'latin1' : 'utf8'));
  } catch (cause) {
    throw badResponse('is not JSON', cause);
  }
  if (!isObject(json)) throw badResponse('is not a JSON object');
  return json;
}

/** An invalid response; the same call may succeed later. */
export function badResponse(what: string, cause?: unknown): TtlArchiveError {
  return new TtlArchiveError('BAD_RESPONSE', `The response of DynamoDB ${what}.`, {
    remedy: 'If it happens again, check what answers at the endpoint: a proxy, or something that is not DynamoDB.',
    ...(cause !== undefined && { cause }),
  });
}

/** An iterator is a few hundred characters long; on DynamoDB Local it holds the stream's ARN as well. */
const ITERATOR_ROOM = 4096;
const FIRST_MEMBER = /^\{"NextShardIterator":"([!#-[\]-~]+)"[,}]/;
const LAST_MEMBER = /[{,]"NextShardIterator":"([!#-[\]-~]+)"\}$/;

/** NextShardIterator of a GetRecords response that is not parsed yet, when it is its first or last member. */
export function nextShardIteratorIn(body: Buffer): string | undefined {
  const head = body.toString('latin1', 0, ITERATOR_ROOM);
  const tail = body.toString('latin1', Math.max(0, body.length - ITERATOR_ROOM));
  return (LAST_MEMBER.exec(tail) ?? FIRST_MEMBER.exec(head))?.[1];
}
