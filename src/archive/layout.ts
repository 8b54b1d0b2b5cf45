import { basename } from 'node:path';

/** Where a file that the journal names lies under its final name. */
export function archivePath(directory: string, file: string): string {
  return `${directory}/${file}`;
}

/** Where files are written before they get their final name: on the same file system, so that a rename is enough. */
export function temporaryFolder(directory: string): string {
  return `${directory}/.ttl-archive/tmp`;
}

/** Where segments grow. */
export function openSegmentFolder(directory: string): string {
  return `${directory}/.ttl-archive/open`;
}

/** Where a segment lies until it gets its final name. */
export function openSegmentPath(directory: string, file: string): string {
  return `${openSegmentFolder(directory)}/${basename(file)}.open`;
}
