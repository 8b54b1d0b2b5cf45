import { manifestEntries } from '../archive/decode-manifest.js';
import { assertArchivePath } from '../archive/entry-path.js';
import { archivePath, manifestOf, stateFolder } from '../archive/layout.js';
import { MAX_MANIFEST } from '../archive/limits.js';
import type { ArchiveFolder } from '../archive/segment-path.js';
import { TtlArchiveError } from '../errors.js';
import { segmentItems } from '../journal/segment-history.js';
import { type S3Location, s3Url } from '../lib/s3-location.js';
import type { ObjectStorage, UploadedSegment } from '../ports/index.js';
import type { ClosedSegment } from './backlog.js';
import { createConfirmed, listedSize } from './create-confirmed.js';
import { describeObject } from './describe-object.js';

/** Largest `--segment-size` with an upload: a segment is in memory while it is uploaded. */
export const MAX_SEGMENT_SIZE = 1024 * 1024 * 1024;
/** A segment is full only after the page that exceeds its size. */
const MAX_OVERRUN = 64 * 1024 * 1024;

/** Where to upload to, and the table of the archive. */
export interface Destination {
  readonly storage: ObjectStorage;
  readonly location: S3Location;
  readonly table: string;
}

/**
 * Uploads a closed segment: the data object, then its manifest, both unless they exist. The segment is compared with the
 * journal first. When it resolves, both are confirmed to be in S3. Doing it again changes nothing.
 *
 * @throws NOT_VERIFIED when the segment, or what S3 has under its name, is not what the journal lists; JOURNAL, DISK; what
 * the storage throws.
 */
export async function uploadSegment(
  archive: ArchiveFolder,
  { storage, location, table }: Destination,
  { file, length, begin, end }: ClosedSegment,
): Promise<UploadedSegment> {
  const { disk, directory } = archive;
  assertArchivePath(file);
  const content = await disk.read(archivePath(directory, file), MAX_SEGMENT_SIZE + MAX_OVERRUN);
  if (content?.length !== length) throw altered(file);
  const items = () => segmentItems({ disk }, stateFolder(directory), { file, from: begin, to: end });
  const own = await describeObject(content, items(), { table, atTheirPlace: true });
  if (own === undefined) throw altered(file);
  if (own.manifest.length > MAX_MANIFEST) throw unlistable(file);
  const { key } = own;
  const stored = await createConfirmed(storage, key, content);
  // Another writer may have the same lines in other gzip members: then its lines are elsewhere.
  const object = stored === content ? own : await describeObject(stored, items(), { table, atTheirPlace: false });
  if (object === undefined) throw foreign(key);
  const manifest = await createConfirmed(storage, manifestOf(key), object.manifest);
  if (manifest !== object.manifest && !(await isSameList(manifest, object.manifest, manifestOf(key)))) {
    throw foreign(manifestOf(key));
  }
  // Both may have been replaced by a merged object meanwhile (`compact`): a manifest must not be without its data.
  if ((await listedSize(storage, key)) === undefined) await createConfirmed(storage, key, stored);
  return { file, to: s3Url(location), key, size: length };
}

/** Whether two manifests list the same records at the same places. */
async function isSameList(found: Buffer, expected: Buffer, key: string): Promise<boolean> {
  const others = manifestEntries(found, key);
  for await (const { eventID, sha256, offset, line } of manifestEntries(expected, key)) {
    const { value: other } = await others.next();
    if (other === undefined || other.eventID !== eventID || other.sha256 !== sha256) return false;
    if (other.offset !== offset || other.line !== line) return false;
  }
  return (await others.next()).done === true;
}

function altered(file: string): TtlArchiveError {
  return new TtlArchiveError('NOT_VERIFIED', `The segment ${file} is not as the journal lists it.`, {
    remedy: 'See what is wrong with ttl-archive verify, and restore the segment from a backup.',
  });
}

/** Segments of older versions may be so. */
function unlistable(file: string): TtlArchiveError {
  return new TtlArchiveError('NOT_VERIFIED', `The segment ${file} has more items than a manifest in S3 can list.`, {
    remedy: 'Copy it to S3 by other means.',
  });
}

function foreign(key: string): TtlArchiveError {
  return new TtlArchiveError('NOT_VERIFIED', `The object ${key} in S3 does not hold what its name says.`, {
    remedy: 'Find out what has written it, and move it away.',
  });
}
