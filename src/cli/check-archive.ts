import { resolve } from 'node:path';
import { type FileSystem, fileSystemOf, nearestFolder, tryWriting } from '../disk/file-system.js';
import { TtlArchiveError } from '../errors.js';
import { quoted } from '../lib/escape.js';
import { isS3Url } from '../lib/s3-location.js';
import { tableNameOf } from '../lib/table-arn.js';
import { openFolderIfAny } from '../reading/archive-folder.js';
import { holdsPositions } from '../reading/open-archive.js';
import { checkOf, type DoctorCheck } from '../table/doctor-check.js';
import type { Io } from './io.js';
import { formatBytes } from './numbers.js';
import { findWatcher, type Watcher } from './watcher.js';

/** Bytes. Below it is worth a warning: sixteen segments of the default size. */
const LITTLE_SPACE = 2 ** 30;

const OTHER_FOLDER = 'Name another folder with --out.';

interface Options {
  readonly out: string;
  /** Name or ARN. */
  readonly table: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** What is in the archive folder, whether `watch` could write there, and who does. */
export async function checkArchive(
  options: Options,
  io: Io,
  probe = { fileSystemOf, tryWriting },
): Promise<DoctorCheck[]> {
  const { out } = options;
  if (isS3Url(out)) {
    const error = new TtlArchiveError('USAGE', `${quoted(out)} is in S3, and watch archives into a folder.`, {
      remedy: 'Name a folder with --out.',
    });
    return [checkOf('archive', error)];
  }
  const checks: DoctorCheck[] = [];
  let current = 'archive';
  try {
    checks.push(...(await checkContent(options, io)));
    current = 'archive.folder';
    const folder = await nearestFolder(resolve(io.cwd, out));
    await probe.tryWriting(folder);
    checks.push({ check: current, result: 'ok', says: `A file can be created and removed in ${quoted(folder)}.` });
    current = 'archive.file-system';
    const fileSystem = await probe.fileSystemOf(folder);
    return [...checks, checkFileSystem(fileSystem), checkSpace(fileSystem)];
  } catch (error) {
    if (!(error instanceof TtlArchiveError)) throw error;
    return [...checks, { ...checkOf(current, error), why: 'watch could not archive there.' }];
  }
}

async function checkContent({ out, table, now }: Options, io: Io): Promise<DoctorCheck[]> {
  const check = 'archive';
  const archive = await openFolderIfAny(out, io);
  if (archive === undefined) return [{ check, result: 'ok', says: `There is no archive in ${quoted(out)} yet.` }];
  const { facts } = archive;
  if (facts.positionsOnly === true) return [{ ...checkOf(check, holdsPositions(out)), remedy: OTHER_FOLDER }];
  const says = `The archive in ${quoted(out)} is of table ${quoted(facts.table)}, with layout ${facts.layout} and format ${facts.format}.`;
  const watcher = checkWatcher(await findWatcher(archive, now));
  if (facts.table === tableNameOf(table)) return [{ check, result: 'ok', says }, watcher];
  const other: DoctorCheck = {
    check,
    result: 'fail',
    says,
    why: 'An archive holds one table.',
    remedy: OTHER_FOLDER,
    code: 'TABLE',
  };
  return [other, watcher];
}

function checkWatcher(watcher: Watcher | undefined): DoctorCheck {
  const check = 'archive.watcher';
  const why = 'One process at a time writes to an archive: a second watch exits with 6.';
  if (watcher === undefined) return { check, result: 'ok', says: 'No watch is running on this archive.' };
  const who = `process ${watcher.pid} on ${watcher.host}`;
  if (watcher.state === 'running') return { check, result: 'note', says: `A watch is running: ${who}.`, why };
  return {
    check,
    result: 'ok',
    says:
      watcher.state === 'dead'
        ? `No watch is running: ${who} ended without releasing the lock. The next one takes it over.`
        : `A watch was running, ${who}, last seen at ${watcher.lastSignOfLife}. If it is gone, the next one takes over.`,
  };
}

const FILE_SYSTEMS = {
  network: {
    result: 'warn',
    why: 'Whether what fsync has written survives a power cut, and whether files are seen at once, is up to the server.',
    remedy: 'Archive to a local disk, or make sure that the server honors fsync. Run one watch on the folder.',
  },
  fuse: {
    result: 'warn',
    why: 'It may be a network file system, or one without fsync, appending or renaming, as those on top of S3.',
    remedy: 'Archive to a local disk, or make sure that it has all of these.',
  },
  memory: { result: 'warn', why: 'The archive is lost when this machine restarts.', remedy: 'Archive to a disk.' },
  layer: {
    result: 'note',
    why: 'In a container, the archive is lost when the container is removed.',
    remedy: 'Archive to a volume.',
  },
} as const;

function checkFileSystem({ special }: FileSystem): DoctorCheck {
  const check = 'archive.file-system';
  if (special === undefined) {
    return { check, result: 'ok', says: 'The folder is on no network file system that can be recognized.' };
  }
  return { check, says: `The folder is on a file system of the type ${special.name}.`, ...FILE_SYSTEMS[special.kind] };
}

function checkSpace({ freeBytes }: FileSystem): DoctorCheck {
  const check = 'archive.space';
  if (freeBytes === undefined) return { check, result: 'note', says: 'The free space there is unknown.' };
  const says = `${formatBytes(freeBytes)} are free there.`;
  if (freeBytes >= LITTLE_SPACE) return { check, result: 'ok', says };
  const why = 'On a full disk watch exits with 7, and what the stream holds is lost after 24 hours.';
  const remedy = 'Free some space, or name a folder on another disk with --out.';
  return { check, says, why, remedy, ...(freeBytes > 0 ? { result: 'warn' } : { result: 'fail', code: 'DISK' }) };
}
