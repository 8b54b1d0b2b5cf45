import { TtlArchiveError } from '../errors.js';
import { escapeText } from './escape.js';

/** Where an archive in S3 is. */
export interface S3Location {
  readonly bucket: string;
  /** What all keys begin with, without `/` at the end; empty: the whole bucket. */
  readonly prefix: string;
}

const SCHEME = 's3://';
/** AWS: 3 to 63 lower-case letters, digits, dots and hyphens. */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** True for text that names a place in S3, rightly or not, and no folder. */
export function isS3Url(text: string): boolean {
  return text.slice(0, SCHEME.length).toLowerCase() === SCHEME;
}

/** The bucket and prefix of `s3://bucket/prefix`. Throws USAGE for anything else. */
export function parseS3Url(url: string): S3Location {
  const [bucket = '', ...rest] = isS3Url(url) ? url.slice(SCHEME.length).split('/') : [];
  const prefix = rest.join('/').replace(/\/+$/, '');
  const parts = prefix.split('/');
  if (BUCKET.test(bucket) && (prefix === '' || !parts.some((part) => part === '' || part === '.' || part === '..'))) {
    return { bucket, prefix };
  }
  throw new TtlArchiveError('USAGE', `${escapeText(JSON.stringify(url))} is not a place in S3.`, {
    remedy: 'Give a bucket and a prefix like s3://my-bucket/orders.',
  });
}

/** As `parseS3Url` reads it. */
export function s3Url({ bucket, prefix }: S3Location): string {
  return `${SCHEME}${bucket}${prefix === '' ? '' : `/${prefix}`}`;
}
