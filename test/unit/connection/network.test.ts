import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { proxyFor, readCaBundle, shownProxy } from '../../../src/connection/network.js';

const AWS = new URL('https://dynamodb.eu-west-1.amazonaws.com');
const OTHER = new URL('http://dynamodb.example.com:8000');

describe('proxyFor', () => {
  it.each<[string, URL, Record<string, string>, string | undefined]>([
    ['by scheme', AWS, { HTTPS_PROXY: 'http://p:1', HTTP_PROXY: 'http://q:1' }, 'http://p:1'],
    ['by scheme', OTHER, { HTTPS_PROXY: 'http://p:1', HTTP_PROXY: 'http://q:1' }, 'http://q:1'],
    ['in lower case first', AWS, { HTTPS_PROXY: 'http://p:1', https_proxy: 'http://lower:1' }, 'http://lower:1'],
    ['without a scheme', AWS, { HTTPS_PROXY: 'p:3128' }, 'http://p:3128'],
    ['empty', AWS, { HTTPS_PROXY: '' }, undefined],
    ['not at all', AWS, { HTTP_PROXY: 'http://q:1' }, undefined],
    ['but the host is excepted', AWS, { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'x, amazonaws.com' }, undefined],
    ['but the domain is excepted', AWS, { HTTPS_PROXY: 'http://p:1', no_proxy: '.amazonaws.com' }, undefined],
    ['but all is excepted', AWS, { HTTPS_PROXY: 'http://p:1', NO_PROXY: '*' }, undefined],
    ['and another port is excepted', OTHER, { HTTP_PROXY: 'http://p:1', NO_PROXY: 'example.com:80' }, 'http://p:1'],
    ['but the port is excepted', OTHER, { HTTP_PROXY: 'http://p:1', NO_PROXY: 'example.com:8000' }, undefined],
    ['and a similar host is excepted', OTHER, { HTTP_PROXY: 'http://p:1', NO_PROXY: 'ample.com' }, 'http://p:1'],
  ])('is configured %s: %s %j', (_, target, env, url) => {
    expect(proxyFor(target, false, env)?.url).toBe(url);
  });

  it('is never used for this machine', () => {
    expect(proxyFor(new URL('http://localhost:8000'), true, { HTTP_PROXY: 'http://p:1' })).toBeUndefined();
  });

  it.each([':::', 'socks5://p:1', 'http://'])(
    'rejects %j without repeating it, since it may hold a password',
    (value) => {
      expect(() => proxyFor(AWS, false, { HTTPS_PROXY: value })).toThrowError(
        expect.objectContaining({ code: 'USAGE', message: 'HTTPS_PROXY is not the URL of an HTTP proxy.' }),
      );
    },
  );
});

describe('shownProxy', () => {
  it('shows no password', () => {
    expect(shownProxy({ url: 'http://me:secret@p:3128', variable: 'HTTPS_PROXY' })).toBe(
      'the proxy http://p:3128 of HTTPS_PROXY',
    );
  });
});

describe('readCaBundle', () => {
  it.each([
    ['/nowhere/at/all.pem', 'cannot be read'],
    [join(mkdtempSync(join(tmpdir(), 'ca-')), 'empty.pem'), 'holds no PEM certificate'],
  ])('refuses %s', (path, why) => {
    if (path.endsWith('empty.pem')) writeFileSync(path, 'no certificate');
    expect(() => readCaBundle(path, 'AWS_CA_BUNDLE')).toThrowError(
      expect.objectContaining({ code: 'USAGE', message: `The CA bundle ${path} of AWS_CA_BUNDLE ${why}.` }),
    );
  });
});
