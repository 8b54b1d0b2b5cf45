import { MANIFESTS, WRITE_CHECK } from '../archive/layout.js';
import { TtlArchiveError } from '../errors.js';
import { quoted } from '../lib/escape.js';
import { openStorage } from '../reading/open-storage.js';
import { checkOf, type DoctorCheck } from '../table/doctor-check.js';
import type { Io } from './io.js';
import type { S3Options } from './s3-options.js';

/** Whether `watch --upload` could write there: it lists, creates and reads what `watch` would, and nothing of an archive. */
export async function checkUpload(url: string, options: S3Options, io: Io): Promise<DoctorCheck> {
  const check = 'upload';
  try {
    const storage = await openStorage(url, options, io);
    await storage.create(WRITE_CHECK, Buffer.alloc(0));
    await storage.read(WRITE_CHECK, 1024);
    for await (const _ of storage.list(MANIFESTS)) break;
    return { check, result: 'ok', says: `Objects can be created, read and listed in ${quoted(url)}.` };
  } catch (error) {
    if (!(error instanceof TtlArchiveError)) throw error;
    return { ...checkOf(check, error), why: 'watch --upload could not upload there.' };
  }
}
