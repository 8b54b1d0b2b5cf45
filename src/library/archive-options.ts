import { resolve } from 'node:path';
import { TtlArchiveError } from '../errors.js';
import type { Connection } from '../ports/index.js';
import type { ReadingContext, S3Reach } from '../reading/open-storage.js';

/** Which archive to read. */
export interface ArchiveOptions {
  /** The archive: a folder, or `s3://bucket/prefix`. */
  readonly out: string;
  /** How to reach AWS; default: as configured for the AWS SDK. Of it, an archive in S3 uses the region and the profile. */
  readonly connection?: Connection | undefined;
  /** Endpoint of S3; default: as configured for the AWS SDK. */
  readonly s3EndpointUrl?: string | undefined;
  /** Ends the work. */
  readonly signal?: AbortSignal | undefined;
}

/** A stretch of time; both ends belong to it. */
export interface TimeOptions {
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
}

/** Where `out` is, and how to reach S3. */
export function placeOf({ out, connection = {}, s3EndpointUrl, signal }: ArchiveOptions): {
  readonly out: string;
  readonly reach: S3Reach;
  readonly context: ReadingContext;
} {
  const { region, profile } = connection;
  return {
    out,
    reach: { s3EndpointUrl, ...(region !== undefined && { region }), ...(profile !== undefined && { profile }) },
    context: { cwd: resolve(), signal: signal ?? new AbortController().signal },
  };
}

/** In epoch milliseconds. Throws USAGE for an invalid date, which would select nothing, and for a window that is none. */
export function windowOf({ since, until }: TimeOptions): { readonly since?: number; readonly until?: number } {
  const [from, to] = [timeOf('since', since), timeOf('until', until)];
  if (from !== undefined && to !== undefined && from > to) throw usage('The time `since` is later than `until`.');
  return { ...(from !== undefined && { since: from }), ...(to !== undefined && { until: to }) };
}

function timeOf(name: string, date: Date | undefined): number | undefined {
  const time = date?.getTime();
  if (Number.isNaN(time)) throw usage(`The date \`${name}\` is invalid.`);
  return time;
}

export function usage(message: string, remedy = 'Correct the options of the call.'): TtlArchiveError {
  return new TtlArchiveError('USAGE', message, { remedy });
}
