import { basename } from 'node:path';

// Every name that an archive folder has for a file or a folder of its own stands here, and nowhere else.

const STATE = '.ttl-archive';
const OPEN = '.open';

/** How the path of what is not archived items begins, relative to the archive folder. */
export const STATE_PREFIX = `${STATE}/`;

/** Names of the folders that `--layout segments` makes. */
export const PARTITION = /^(?:year|month|day|hour)=\d+$/;

/** Where a file that the journal names lies under its final name. */
export function archivePath(directory: string, file: string): string {
  return `${directory}/${file}`;
}

/** The folder of a segment: Hive's way to name a partition by the hour of the deletion (ISO 8601, UTC). */
export function partitionOf(deletedAt: string): string {
  const [year, month, day, hour] = deletedAt.split(/[-T:]/);
  return `year=${year}/month=${month}/day=${day}/hour=${hour}`;
}

/** True for a folder that `--layout segments` makes; with `/` at the end. */
export function isPartition(folder: string): boolean {
  return (
    folder.endsWith('/') &&
    folder
      .slice(0, -1)
      .split('/')
      .every((name) => PARTITION.test(name))
  );
}

/** What of the archive folder is not archived items: all that follows lies in it. */
export function stateFolder(directory: string): string {
  return `${directory}/${STATE}`;
}

/** Where segments grow. */
export function openSegmentFolder(directory: string): string {
  return `${stateFolder(directory)}/open`;
}

/** Where a segment lies until it gets its final name. */
export function openSegmentPath(directory: string, file: string): string {
  return `${openSegmentFolder(directory)}/${basename(file)}${OPEN}`;
}

/** True for the name of a segment in the folder where segments grow. */
export function isOpenSegment(name: string): boolean {
  return name.endsWith(OPEN);
}

/** Where files are written before they get their final name: on the same file system, so that a rename is enough. */
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

/** What the journal's lines add up to. */
export function snapshotFile(state: string): string {
  return `${state}/checkpoints.json`;
}

export function lockFile(state: string): string {
  return `${state}/lock`;
}

/** An archive in S3: how the keys of all manifests begin. */
export const MANIFESTS = `${STATE}/manifests/`;

/** An archive in S3: the key of the manifest of the data object with the key `file`. */
export function manifestOf(file: string): string {
  return `${MANIFESTS}${file.replace(/\.json\.gz$/, '')}.ndjson.gz`;
}
