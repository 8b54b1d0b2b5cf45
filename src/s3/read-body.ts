import { Readable } from 'node:stream';
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { TtlArchiveError } from '../errors.js';

interface Expected {
  readonly key: string;
  /** Most bytes that are read. */
  readonly limit: number;
  readonly range?: { readonly position: number; readonly length: number } | undefined;
}

/**
 * The body of an answer to GetObject, when it is as long as the answer says and begins where it was asked to. Throws
 * BAD_RESPONSE otherwise, and VALIDATION, without reading it, for one of more than `limit` bytes.
 */
export async function readBody(
  { Body, ContentLength, ContentRange }: GetObjectCommandOutput,
  { key, limit, range }: Expected,
): Promise<Buffer> {
  if (!(Body instanceof Readable)) throw new TypeError('The SDK gives no stream.');
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    const expected = range === undefined ? ContentLength : lengthOf(ContentRange, range);
    if (expected === undefined) throw unusable(key, 'does not say which bytes it has');
    if (expected > limit) {
      throw new TtlArchiveError('VALIDATION', `The object ${key} has ${expected} bytes, more than ${limit}.`, {
        remedy: 'It was not written by ttl-archive: find out what put it there.',
      });
    }
    for await (const chunk of Body as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > expected) throw unusable(key, 'is longer than it says');
      chunks.push(chunk);
    }
    if (length < expected) throw unusable(key, 'was cut short');
  } finally {
    Body.destroy();
  }
  return Buffer.concat(chunks, length);
}

/** How many bytes `Content-Range: bytes <first>-<last>/<size>` announces; undefined when they are not the wanted ones. */
function lengthOf(header: string | undefined, { position, length }: { position: number; length: number }) {
  const [, first, last, size] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(header ?? '') ?? [];
  if (Number(first) !== position) return undefined;
  return Number(last) === Math.min(position + length, Number(size)) - 1 ? Number(last) - position + 1 : undefined;
}

function unusable(key: string, what: string): TtlArchiveError {
  return new TtlArchiveError('BAD_RESPONSE', `The response of S3 with the object ${key} ${what}.`, {
    remedy: 'If it happens again, check what answers at the endpoint: a proxy, or something that is not S3.',
  });
}
