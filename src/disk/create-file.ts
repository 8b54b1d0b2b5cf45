import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import { attempt, closeQuietly, withFile, writeAllNow } from './fs-promise.js';
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

/**
 * Creates a file that must not exist, and gives it open; undefined when the name is taken. The name appears together
 * with the whole content: a crash never leaves a half-written file under it.
 */
export async function createExclusive(place: Place, content: string): Promise<number | undefined> {
  const suffix = `.${randomUUID()}.tmp`;
  const temporary = { ...place, path: `${place.path}${suffix}`, real: `${place.real}${suffix}` };
  const fd = await createOpen(temporary, content);
  try {
    await attempt<void>('create', place.path, (done) => fs.link(temporary.real, place.real, done));
    return fd;
  } catch (error) {
    closeQuietly(fd);
    const code = causeOf(error);
    if (code === 'EEXIST') return undefined;
    // FAT and some network file systems have no hard links.
    if (code === 'EPERM' || code === 'ENOTSUP' || code === 'ENOSYS') return await createDirectly(place, content);
    throw error;
  } finally {
    await unlink(temporary);
  }
}

async function createDirectly(place: Place, content: string): Promise<number | undefined> {
  try {
    return await createOpen(place, content);
  } catch (error) {
    if (causeOf(error) === 'EEXIST') return undefined;
    throw error;
  }
}

async function createOpen(place: Place, content: string): Promise<number> {
  const { path, real } = place;
  const fd = await attempt<number>('write', path, (done) => fs.open(real, 'wx', FILE_MODE, done));
  try {
    writeAllNow(fd, path, Buffer.from(content));
    await attempt<void>('write', path, (done) => fs.fdatasync(fd, done));
    return fd;
  } catch (error) {
    closeQuietly(fd);
    await unlink(place);
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
