import { describe, expect, it } from 'vitest';
import { isS3Url, parseS3Url, s3Url } from '../../../src/lib/s3-location.js';

describe('parseS3Url', () => {
  it.each([
    ['s3://my-bucket', { bucket: 'my-bucket', prefix: '' }],
    ['s3://my-bucket/', { bucket: 'my-bucket', prefix: '' }],
    ['s3://my.bucket/a/b=c/', { bucket: 'my.bucket', prefix: 'a/b=c' }],
    ['S3://my-bucket/a b', { bucket: 'my-bucket', prefix: 'a b' }],
  ])('reads %s', (text, location) => {
    expect(parseS3Url(text)).toEqual(location);
  });

  it.each([
    's3://',
    's3:///a',
    's3://ab',
    's3://My-Bucket/a',
    's3://b_b/a',
    's3://bucket/a//b',
    's3://bucket/../a',
    '/a',
  ])('rejects %s as a usage error', (text) => {
    expect(() => parseS3Url(text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });

  it('is written as it was read', () => {
    expect(s3Url(parseS3Url('s3://my-bucket/a/b/'))).toBe('s3://my-bucket/a/b');
    expect(s3Url(parseS3Url('s3://my-bucket/'))).toBe('s3://my-bucket');
  });
});

describe('isS3Url', () => {
  it('takes a name that only looks like it for a folder', () => {
    expect(['s3://x', 'S3://x', 's3:/x', 's3', './s3://x'].map(isS3Url)).toEqual([true, true, false, false, false]);
  });
});
