import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import { attempt, withFile, writeAllNow } from './calls.js';
import { causeOf } from './open-file.js';
import type { Place } from './place.js';

/** A umask can only take rights away from it, and none takes the owner's. */
export const FILE_MODE = 0o600;

/** Writes a file under `temporary`, durably, and gives it its name. */
export async function replace(to: Place, temporary: Place, content: Uint8Array | string): Promise<void> {
  try {
    await writeTemporary(temporary, content);
    await attempt<void>('write', to.path, (done) => fs.rename(temporary.real, to.real, done));
  } catch (error) {
    await unlink(temporary); // the first failure is the one to tell
    throw error;
  }
}

/** A left-over of a crash is removed, not reused: it may have other rights, or be a link to somewhere else. */
async function writeTemporary(place: Place, content: Uint8Array | string): Promise<void> {
  try {
    await writeNew(place, content);
  } catch (error) {
    if (causeOf(error) !== 'EEXIST') throw error;
    await attempt<void>('remove', place.path, (done) => fs.unlink(place.real, done));
    await writeNew(place, content);
  }
}

/** The name appears together with its whole content: a crash never leaves a half-written file under it. False when it is taken. */
export async function createExclusive(place: Place, content: string): Promise<boolean> {
  const suffix = `.${randomUUID()}.tmp`;
  const temporary = { ...place, path: `${place.path}${suffix}`, real: `${place.real}${suffix}` };
  await writeNew(temporary, content);
  try {
    await attempt<void>('create', place.path, (done) => fs.link(temporary.real, place.real, done));
    return true;
  } catch (error) {
    const code = causeOf(error);
    if (code === 'EEXIST') return false;
    // FAT and some network file systems have no hard links.
    if (code === 'EPERM' || code === 'ENOTSUP' || code === 'ENOSYS') return await createDirectly(place, content);
    throw error;
  } finally {
    await unlink(temporary);
  }
}

async function createDirectly(place: Place, content: string): Promise<boolean> {
  try {
    await writeNew(place, content);
    return true;
  } catch (error) {
    if (causeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Creates the file, which must not exist ("x" follows no link). fdatasync makes the content and the size durable, all
 * that reading the file back needs; only times may lag.
 */
function writeNew({ path, real }: Place, content: Uint8Array | string): Promise<void> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return withFile({ action: 'write', path, real, flags: 'wx', mode: FILE_MODE }, async (fd) => {
    writeAllNow(fd, path, bytes);
    await attempt<void>('write', path, (done) => fs.fdatasync(fd, done));
  });
}

/** What is left behind is removed if it can be: another failure came first. */
async function unlink({ path, real }: Place): Promise<void> {
  await attempt<void>('remove', path, (done) => fs.unlink(real, done)).catch(() => undefined);
}
