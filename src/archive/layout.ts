import { basename } from 'node:path';

// All names of files and folders in an archive folder are defined here, and nowhere else.

const STATE = '.ttl-archive';
const OPEN = '.open';

/** Path prefix of everything but archived items, relative to the archive folder. */
export const STATE_PREFIX = `${STATE}/`;

/** Names of the folders that `--layout segments` creates. */
export const PARTITION = /^(?:year|month|day|hour)=\d+$/;

/** The final path of a file that the journal names. */
export function archivePath(directory: string, file: string): string {
  return `${directory}/${file}`;
}

/** The folder of a segment: a Hive partition by the hour of the deletion (ISO 8601, UTC). */
export function partitionOf(deletedAt: string): string {
  const [year, month, day, hour] = deletedAt.split(/[-T:]/);
  return `year=${year}/month=${month}/day=${day}/hour=${hour}`;
}

/** The beginning of the hour of a path in a partition (ISO 8601, UTC). */
export function hourStart(path: string): string {
  const [year, month, day, hour] = path.match(/\d+/g) ?? [];
  return `${year}-${month}-${day}T${hour}:00:00.000Z`;
}

/** True for a folder that `--layout segments` creates, given with a final `/`. */
export function isPartition(folder: string): boolean {
  const names = folder.split('/');
  return names.pop() === '' && names.every((name) => PARTITION.test(name));
}

/** The folder for everything but archived items. */
export function stateFolder(directory: string): string {
  return `${directory}/${STATE}`;
}

/** The folder of open segments. */
export function openSegmentFolder(directory: string): string {
  return `${stateFolder(directory)}/open`;
}

/** The path of an open segment. */
export function openSegmentPath(directory: string, file: string): string {
  return `${openSegmentFolder(directory)}/${basename(file)}${OPEN}`;
}

/** True for the name of an open segment. */
export function isOpenSegment(name: string): boolean {
  return name.endsWith(OPEN);
}

/** The folder of files that are being written: on the archive's file system, so that they can be renamed. */
export function temporaryFolder(state: string): string {
  return `${state}/tmp`;
}

export function journalFolder(state: string): string {
  return `${state}/journal`;
}

/** The name of the journal's file for the day of this time (epoch milliseconds). */
export function journalFileOf(time: number): string {
  return `${new Date(time).toISOString().slice(0, 10)}.ndjson`;
}

/** True for the name of one of the journal's files. */
export function isJournalFile(name: unknown): name is string {
  return typeof name === 'string' && /^\d{4}-\d{2}-\d{2}\.ndjson$/.test(name);
}

/** Table, layout and format of the archive. */
export function archiveFile(state: string): string {
  return `${state}/archive.json`;
}

/** The snapshot of the journal's state. */
export function snapshotFile(state: string): string {
  return `${state}/checkpoints.json`;
}

export function lockFile(state: string): string {
  return `${state}/lock`;
}

/** An archive in S3: how the keys of all manifests begin. */
export const MANIFESTS = `${STATE}/manifests/`;

/** An archive in S3: the key of an empty object, by which an uploader checks whether it may write. */
export const WRITE_CHECK = `${STATE}/write-check`;

/** An archive in S3: the key of the manifest of the data object with the key `file`. */
export function manifestOf(file: string): string {
  return `${MANIFESTS}${file.replace(/\.json\.gz$/, '')}.ndjson.gz`;
}

/** An archive in S3: the key of the data object with the manifest `key`; undefined when no manifest has such a key. */
export function dataOf(key: string): string | undefined {
  const path = key.startsWith(MANIFESTS) ? /^(.+)\.ndjson\.gz$/.exec(key.slice(MANIFESTS.length))?.[1] : undefined;
  return path === undefined ? undefined : `${path}.json.gz`;
}

/** An archive in S3: how the keys of all receipts begin. */
export const RECEIPTS = `${STATE}/replayed/`;
