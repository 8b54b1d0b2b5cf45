import { TtlArchiveError } from '../errors.js';
import { parseS3Url } from '../lib/s3-location.js';
import type { Connection, ObjectStorage } from '../ports/index.js';
import { openS3Storage } from '../s3/open-s3-storage.js';
import { MAX_SEGMENT_SIZE } from '../upload/upload-segment.js';
import type { UploadOptions } from '../upload/uploader.js';
import type { WatchRunOptions } from './options.js';
import type { WatchContext } from './run-context.js';

/** The waits between so many attempts add up to a few seconds; then the uploader waits longer. */
const ATTEMPTS = 5;

/** What an upload needs beside the table. */
export type Upload = Omit<UploadOptions, 'table'>;

type Options = Pick<WatchRunOptions, 'layout' | 'format' | 'compress' | 'segmentSize' | 'upload'>;

/** Throws USAGE for options that do not go with an upload, and for an address that is not one of S3. */
export function checkUpload({ layout, format, compress, segmentSize, upload }: Options): void {
  if (upload === undefined) return;
  parseS3Url(upload.to);
  const fixed = { layout: [layout, 'segments'], format: [format, 'item'], compress: [compress, 'gzip'] } as const;
  for (const [option, [is, must]] of Object.entries(fixed)) {
    if (is === must) continue;
    throw usage(`--upload needs --${option} ${must}, not ${is}.`, `Add --${option} ${must}, or leave --upload out.`);
  }
  if (segmentSize <= MAX_SEGMENT_SIZE) return;
  throw usage('With --upload, a segment may have at most 1GB.', 'Give a smaller --segment-size.');
}

/** Opens the storage that the options name, without a call; undefined without `upload`. Throws as `openS3Storage` does. */
export async function openUpload(
  options: Options & Pick<WatchRunOptions, 'connection' | 'once'>,
  context: Pick<WatchContext, 'clock' | 'random' | 'storage'>,
): Promise<Upload | undefined> {
  checkUpload(options);
  const { upload, connection = {}, once } = options;
  if (upload === undefined) return undefined;
  const location = parseS3Url(upload.to);
  const stop = new AbortController();
  const { clock, random } = context;
  const open = (): Promise<ObjectStorage> =>
    openS3Storage(location, s3Connection(connection, upload.endpointUrl), {
      clock,
      random,
      signal: stop.signal,
      attempts: ATTEMPTS,
    });
  const storage = context.storage ?? (await open());
  const { deleteUploaded = false, spoolLimit } = upload;
  return { storage, location, deleteUploaded, spoolLimit, once, stop };
}

/** The endpoint of a connection is that of DynamoDB. */
function s3Connection({ region, profile }: Connection, endpointUrl: string | undefined): Connection {
  return {
    ...(endpointUrl !== undefined && { endpointUrl }),
    ...(region !== undefined && { region }),
    ...(profile !== undefined && { profile }),
  };
}

function usage(message: string, remedy: string): TtlArchiveError {
  return new TtlArchiveError('USAGE', message, { remedy });
}
