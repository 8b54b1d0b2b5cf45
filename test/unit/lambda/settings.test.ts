import { describe, expect, it } from 'vitest';
import { settingsOf } from '../../../src/lambda/settings.js';

const BUCKET = { TTL_ARCHIVE_BUCKET: 'archive' };

describe('settingsOf', () => {
  it('needs a bucket alone', () => {
    expect(settingsOf(BUCKET)).toEqual({ bucket: 'archive', prefix: '', deletions: 'ttl', logLevel: 'info' });
  });

  it('takes what is set', () => {
    const env = {
      ...BUCKET,
      TTL_ARCHIVE_PREFIX: '/tables/Orders/',
      TTL_ARCHIVE_DELETIONS: 'inferred',
      TTL_ARCHIVE_TTL_ATTRIBUTE: 'expires-at',
      TTL_ARCHIVE_LOG_LEVEL: 'debug',
      TTL_ARCHIVE_FAILED: 's3://failed-batches',
    };
    const failed = 's3://failed-batches';
    const expected = {
      failed,
      prefix: 'tables/Orders',
      deletions: 'inferred',
      ttlAttribute: 'expires-at',
      logLevel: 'debug',
    };
    expect(settingsOf(env)).toMatchObject(expected);
  });

  it.each<[variable: string, env: Record<string, string>]>([
    ['TTL_ARCHIVE_BUCKET', {}],
    ['TTL_ARCHIVE_BUCKET', { TTL_ARCHIVE_BUCKET: 's3://archive' }],
    ['TTL_ARCHIVE_PREFIX', { ...BUCKET, TTL_ARCHIVE_PREFIX: 'a b' }],
    ['TTL_ARCHIVE_DELETIONS', { ...BUCKET, TTL_ARCHIVE_DELETIONS: 'TTL' }],
    ['TTL_ARCHIVE_TTL_ATTRIBUTE', { ...BUCKET, TTL_ARCHIVE_DELETIONS: 'inferred' }],
    ['TTL_ARCHIVE_LOG_LEVEL', { ...BUCKET, TTL_ARCHIVE_LOG_LEVEL: 'loud' }],
    ['TTL_ARCHIVE_FAILED', { ...BUCKET, TTL_ARCHIVE_FAILED: 'failed-batches' }],
  ])('names %s in %j as what is wrong', (variable, env) => {
    expect(() => settingsOf(env)).toThrow(
      expect.objectContaining({ code: 'USAGE', message: expect.stringContaining(variable) }),
    );
  });
});
