import { TtlArchiveError } from '../errors.js';
import type { Bytes, ObjectStorage } from '../ports/index.js';

/** Bytes by which an object that somebody else has written may be longer. */
const SLACK = 64 * 1024 * 1024;

/**
 * Creates an object unless it exists, and returns what is there now: `content` itself, or other bytes that were there
 * before. That the object is there, and as long as it should be, is confirmed by a listing; what was there before is
 * read.
 *
 * @throws what the storage throws; SERVICE when S3 does not list what it has just created.
 */
export async function createConfirmed(storage: ObjectStorage, key: string, content: Buffer): Promise<Bytes> {
  const outcome = await storage.create(key, content);
  const size = await listedSize(storage, key);
  if (size === undefined) throw unconfirmed(key, 'does not list it');
  if (outcome === 'created') {
    if (size !== content.length) throw unconfirmed(key, `lists it with ${size} bytes`);
    return content;
  }
  const found = await storage.read(key, content.length + SLACK);
  if (found === undefined) throw unconfirmed(key, 'does not find it');
  return content.equals(found) ? content : found;
}

/** Bytes of an object by a listing; undefined when it is not listed. */
export async function listedSize(storage: ObjectStorage, key: string): Promise<number | undefined> {
  for await (const object of storage.list(key)) return object.key === key ? object.size : undefined;
  return undefined;
}

function unconfirmed(key: string, what: string): TtlArchiveError {
  return new TtlArchiveError('SERVICE', `S3 has the object ${key}, and ${what}.`, {
    remedy: 'If it happens again, check what answers at the endpoint, and whether something else deletes objects.',
  });
}
