import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import { attempt, attemptNow, closeQuietly, writeAllNow } from './fs-promise.js';
import { causeOf } from './open-file.js';
import type { Place } from './place.js';

/** A umask can only remove permissions, and none removes the owner's. */
export const FILE_MODE = 0o600;

/** Writes a file durably under `temporary`, then renames it. */
export async function replace(to: Place, temporary: Place, content: Uint8Array | string): Promise<void> {
  try {
    await writeTemporary(temporary, content);
    await attempt<void>('write', to.path, (done) => fs.rename(temporary.real, to.real, done));
  } catch (error) {
    await unlink(temporary);
    throw error;
  }
}

/** A file left by a crash is removed, not reused: it may have other permissions, or be a link. */
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
 * Creates a file that must not exist, and returns its descriptor; undefined when the name is taken. The name appears with
 * the whole content: a crash never leaves a half-written file under it.
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

async function writeNew(place: Place, content: Uint8Array | string): Promise<void> {
  const fd = await createOpen(place, content);
  // Network file systems may report a failed write only here. A synchronous close takes a microsecond, less than a
  // thread switch.
  attemptNow('write', place.path, () => fs.closeSync(fd));
}

/**
 * Creates a file that must not exist ("x" follows no link), durably. fdatasync covers the content and the size, all that
 * is needed to read the file back.
 */
async function createOpen(place: Place, content: Uint8Array | string): Promise<number> {
  const { path, real } = place;
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const fd = await attempt<number>('write', path, (done) => fs.open(real, 'wx', FILE_MODE, done));
  try {
    writeAllNow(fd, path, bytes);
    await attempt<void>('write', path, (done) => fs.fdatasync(fd, done));
    return fd;
  } catch (error) {
    closeQuietly(fd);
    await unlink(place);
    throw error;
  }
}

/** Errors are ignored: another failure came first, or the file is a leftover that the next start removes. */
async function unlink({ path, real }: Place): Promise<void> {
  await attempt<void>('remove', path, (done) => fs.unlink(real, done)).catch(() => undefined);
}
