import { MANIFESTS } from '../archive/layout.js';
import { listHours } from '../archive/list-hours.js';
import { TtlArchiveError } from '../errors.js';
import { escapeText } from '../lib/escape.js';
import { isS3Url } from '../lib/s3-location.js';
import type { ObjectStorage } from '../ports/index.js';
import { type ArchiveFolder, openFolderIfAny } from './archive-folder.js';
import type { ArchiveToRead } from './archive-to-read.js';
import { severalArchives } from './choose-archive.js';
import { folderToRead } from './folder-to-read.js';
import { openObjectsIfAny } from './objects-to-read.js';
import { openStorage, type ReadingContext, type S3Reach } from './open-storage.js';

/** Opens the archive in `out`, a folder or `s3://bucket/prefix`; undefined when there is none. */
export async function openArchiveIfAny(
  out: string,
  reach: S3Reach,
  context: ReadingContext,
): Promise<ArchiveToRead | undefined> {
  if (!isS3Url(out)) {
    const folder = await openFolderIfAny(out, context);
    return folder && folderToRead(folder, context);
  }
  return openObjectsIfAny(out, reach, context);
}

/** Opens the archive in `out`. Throws TABLE when there is none, and for the positions of a program that gets the items itself. */
export async function openArchiveToRead(out: string, reach: S3Reach, context: ReadingContext): Promise<ArchiveToRead> {
  const archive = await openArchiveIfAny(out, reach, context);
  if (archive?.facts.positionsOnly === true) throw holdsPositions(out);
  if (archive !== undefined) return archive;
  throw (isS3Url(out) ? undefined : await severalArchives(out, context)) ?? noArchive(out);
}

/** Opens the archive in the folder `out`. Throws TABLE when there is none. */
export async function openFolder(out: string, context: ReadingContext): Promise<ArchiveFolder> {
  const folder = await openFolderIfAny(out, context);
  if (folder !== undefined) return folder;
  throw (await severalArchives(out, context)) ?? noArchive(out);
}

/** The objects of the archive in `s3://bucket/prefix`. Throws TABLE when there is no manifest. */
export async function openObjects(out: string, reach: S3Reach, context: ReadingContext): Promise<ObjectStorage> {
  const storage = await openStorage(out, reach, context);
  for await (const _ of listHours(storage, MANIFESTS)) return storage;
  throw noArchive(out);
}

/** The folder or the prefix holds no archive: exit 3 in every command. */
export function noArchive(out: string): TtlArchiveError {
  const remedy = isS3Url(out)
    ? 'Name the bucket and the prefix that the Lambda function writes to, like s3://my-bucket/orders, or a --table under it.'
    : 'Name its folder with --out, or create an archive with "ttl-archive watch".';
  return new TtlArchiveError('TABLE', `There is no archive in ${escapeText(out)}.`, { remedy });
}

/** A folder that a delivery of the library keeps its positions in. */
export function holdsPositions(out: string): TtlArchiveError {
  return new TtlArchiveError(
    'TABLE',
    `${escapeText(out)} holds no items, but the positions of a program that gets them itself.`,
    {
      remedy: '"ttl-archive status" shows how far that has read.',
    },
  );
}
