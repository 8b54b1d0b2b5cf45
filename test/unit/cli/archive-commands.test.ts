import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Stop } from '../../../src/cli/io.js';
import { namedFiles } from '../../../src/cli/named-files.js';
import { runProgram } from '../../../src/cli/program.js';
import { nodeDisk } from '../../../src/disk/node-disk.js';
import type { WireItem } from '../../../src/ports/index.js';
import { fakeIo } from '../../support/fake-io.js';
import { type SampleOptions, sampleItems, writeSampleArchive } from '../../support/sample-archive.js';

let cwd = '';

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'ttl-archive-'));
});

afterEach(async () => {
  await rm(cwd, { recursive: true, force: true });
});

async function sample(items: readonly WireItem[], more: Partial<SampleOptions> = {}): Promise<void> {
  await writeSampleArchive({ disk: nodeDisk, directory: join(cwd, 'temp'), items, ...more });
}

async function run(...argv: string[]) {
  const io = fakeIo({ cwd });
  const status = await runProgram(argv, io);
  return { status, out: io.out(), err: io.err() };
}

const FILE = '1795446313-key-000000000000000000000-abcdef0123456789.json';
const LAYOUTS = [{ layout: 'files' }, { layout: 'segments' }, { layout: 'segments', compress: false }] as const;

describe('find', () => {
  it('prints one line per version', async () => {
    await sample([{ PK: { S: 'a' } }, { PK: { S: 'b' } }, { PK: { S: 'a' } }]);
    const { status, out } = await run('find', '--key', 'a');
    expect(status).toBe(0);
    expect(out.split('\n').map((line) => line.split('\t'))).toEqual([
      ['2026-11-24T00:00:00.000Z', 'ttl', '2026-11-23T15:05:13.000Z', `temp/${FILE}`],
      ['2026-11-24T00:00:02.000Z', 'ttl', '2026-11-23T15:05:13.000Z', `temp/${FILE.replace('00-', '02-')}`],
      [''],
    ]);
    expect((await run('find', '--key', '{"PK":{"S":"a"}}', '--latest')).out).toBe(`${out.split('\n')[1]}\n`);
  });

  it('prints or counts the items of a time, by their deletion or their expiry', async () => {
    await sample(sampleItems(90));
    const find = async (...options: string[]) => (await run('find', ...options)).out.split('\n').slice(0, -1);
    // An item a second from midnight on; both ends belong to the window.
    expect(await find('--since', '2026-11-24T00:00:58', '--until', '2026-11-24T00:01:02')).toHaveLength(5);
    expect(await find('--since', '2026-11-24T00:01:00', '--count')).toEqual(['30']);
    expect(await find('--until', '2026-11-24T00:00:00.500', '--count')).toEqual(['1']);
    expect(
      await find('--since', '2026-11-23T15:05:13', '--until', '2026-11-23T15:05:13', '--expired', '--count'),
    ).toEqual(['90']);
    expect(await find('--since', '2026-11-23T15:05:14', '--expired', '--count')).toEqual(['0']);
    expect(await find('--key', 'key-7', '--since', '2026-11-24T00:00:07')).toHaveLength(1);
    expect(await find('--key', 'key-7', '--since', '2026-11-24T00:00:08')).toEqual([]);
  });

  it.each(LAYOUTS)(
    'shows an item of $layout (compress $compress) as it was archived, harmless on a terminal',
    async (layout) => {
      const item = { PK: { S: 'a' }, x: { S: '\u001b[2J\u009b1m\u007f\u202eabc' } };
      await sample([item, { PK: { S: 'b' } }], layout);
      const { out } = await run('find', '--key', 'a', '--show');
      expect(out).toMatch(/^\{[ -~]*\}\n$/);
      expect(JSON.parse(out)).toEqual(item);
      const json = JSON.parse((await run('find', '--key', 'a', '--show', '--json')).out);
      expect(json).toMatchObject({ Keys: { PK: { S: 'a' } }, item, file: expect.stringMatching(/^temp\//) });
    },
  );

  it('shows nothing of an altered item', async () => {
    await sample([{ PK: { S: 'a' } }]);
    await writeFile(join(cwd, 'temp', FILE), '{"PK":{"S":"b"}}\n');
    expect(await run('find', '--key', 'a', '--show')).toMatchObject({ status: 10, out: '' });
  });

  it('prints nothing on stdout and exits with 0 when no version has the key', async () => {
    await sample([{ PK: { S: 'a' } }]);
    expect(await run('find', '--key', 'b')).toEqual({
      status: 0,
      out: '',
      err: expect.stringMatching(/no archived version/),
    });
  });

  it('requires DynamoDB JSON for two key attributes', async () => {
    await sample([{ PK: { S: 'a' }, SK: { N: '1' } }], { keys: ['PK', 'SK'] });
    expect(await run('find', '--key', 'a')).toMatchObject({ status: 2, err: expect.stringMatching(/DynamoDB JSON/) });
    expect((await run('find', '--key', '{"SK":{"N":"1.0"}}')).out).toContain(FILE);
  });
});

describe('verify', () => {
  it('reports an intact archive, in text and in JSON', async () => {
    await sample(sampleItems(12));
    expect(await run('verify')).toEqual({
      status: 0,
      out: expect.stringMatching(/^12 items, .* verified: all intact\n$/),
      err: '',
    });
    expect(JSON.parse((await run('verify', '--json')).out)).toMatchObject({
      verified: true,
      items: 12,
      mismatches: [],
    });
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('says that %s interrupted it and ends with %i after its summary', async (why, expected) => {
    await sample(sampleItems(12));
    const signal = AbortSignal.abort(new Stop(why));
    const text = fakeIo({ cwd, signal });
    expect(await runProgram(['verify'], text)).toBe(expected);
    expect(text.out()).toBe('0 items, 0 B, checked: interrupted before the end\n');
    const json = fakeIo({ cwd, signal });
    expect(await runProgram(['verify', '--json'], json)).toBe(expected);
    expect(JSON.parse(json.out())).toMatchObject({ verified: false, interrupted: true });
  });

  it.each(['verify', 'status', 'find --key a'])(
    'says in %s that archive.json is missing beside a journal, not that there is no archive',
    async (command) => {
      await sample(sampleItems(2));
      await rm(join(cwd, 'temp/.ttl-archive/archive.json'));
      const { status, err } = await run(...command.split(' '));
      expect([status, err]).toEqual([7, expect.stringContaining('archive.json is missing')]);
    },
  );

  it('prints one line per mismatch with escaped names, and exits with 10', async () => {
    await sample(sampleItems(12));
    await rm(join(cwd, 'temp', FILE));
    await writeFile(join(cwd, 'temp', '\u001b[2J.json'), '');
    const { status, out, err } = await run('verify');
    expect(status).toBe(10);
    expect(out.split('\n')).toEqual([
      expect.stringMatching(/^missing +1795446313-key-0/),
      expect.stringMatching(/^unlisted +\\u001b\[2J\.json: /),
      expect.stringMatching(/^12 items/),
      '',
    ]);
    expect(err).toMatch(/1 missing, 1 unlisted/);
    const json = JSON.parse((await run('verify', '--json')).out);
    expect(json).toMatchObject({ verified: false, findings: { missing: 1, unlisted: 1 }, omitted: 0 });
  });
});

describe.each(['verify', 'restore', 'find --key a'])('%s', (command) => {
  it('reports that there is no archive', async () => {
    expect(await run(...command.split(' '))).toMatchObject({
      status: 3,
      err: expect.stringMatching(/no archive in temp/),
    });
  });
});

describe('restore', () => {
  it('rejects a range of times that ends before it begins', async () => {
    const { status, err } = await run('restore', '--since', '1d', '--until', '2d', '--local');
    expect({ status, err }).toMatchObject({
      status: 2,
      err: expect.stringMatching(/--since .* is later than --until/),
    });
  });

  it('finds no archive in an empty folder', async () => {
    expect(await run('restore', '--endpoint-url', 'http://localhost:1')).toMatchObject({ status: 3 });
  });
});

describe('namedFiles', () => {
  it('expands globs that no shell has expanded, but not into .ttl-archive', async () => {
    for (const folder of ['a/year=1', '.ttl-archive']) await mkdir(join(cwd, folder), { recursive: true });
    for (const name of [
      'a/1.json',
      'a/2.json',
      'a/x+y.json',
      'a/[3].json',
      'a/year=1/4.json.gz',
      '.ttl-archive/5.json',
    ]) {
      await writeFile(join(cwd, name), '');
    }
    const names = async (...patterns: string[]) =>
      (await namedFiles(patterns, cwd)).map((path) => path.slice(cwd.length + 1));
    expect(await names('a/*.json')).toEqual(['a/1.json', 'a/2.json', 'a/[3].json', 'a/x+y.json']);
    expect(await names('a/[3].json', 'a/[!x]*.json')).toEqual(['a/[3].json', 'a/1.json', 'a/2.json']);
    expect(await names('**/*.json*')).toHaveLength(5);
    expect(await names('a/x+?.json')).toEqual(['a/x+y.json']);
    expect(await names('*/*/4*')).toEqual(['a/year=1/4.json.gz']);
    for (const wrong of ['temp/[z-a].json', 'nope.json', '*.csv', 'a']) {
      await expect(namedFiles([wrong], cwd)).rejects.toMatchObject({ code: 'USAGE' });
    }
  });

  it('matches names with line breaks, parentheses, braces and characters beyond the BMP', async () => {
    await mkdir(join(cwd, 'a\nb'));
    for (const name of ['a\nb/1.json', 'a\nb/copy(1).json', 'a\nb/{2}.json', 'a\nb/😀.json']) {
      await writeFile(join(cwd, name), '');
    }
    const names = async (pattern: string) =>
      (await namedFiles([pattern], cwd)).map((path) => path.slice(cwd.length + 1).replace('a\nb/', ''));
    expect(await names('**')).toHaveLength(4);
    expect(await names('**/*.json')).toHaveLength(4);
    expect(await names('a?b/copy(1)*')).toEqual(['copy(1).json']);
    expect(await names('*/{2}*')).toEqual(['{2}.json']);
    expect(await names('*/?.json')).toEqual(['1.json', '😀.json']);
    expect(await names('*[!b]b/1*')).toEqual(['1.json']);
    // A set stands for a character of one name: not for the `/` between two.
    await expect(names('a?b[!x]1.json')).rejects.toMatchObject({ code: 'USAGE' });
    await expect(names('a?b[+-9]1.json')).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('restore', () => {
  it('rejects invalid options before any call', async () => {
    expect((await run('restore', '--ttl', 'never')).status).toBe(2);
    expect((await run('restore', '--since', 'yesterday')).status).toBe(2);
    expect((await run('restore', '--rate', '0')).status).toBe(2);
  });

  it('rejects an archive of the format plain', async () => {
    await sample([{ PK: { S: 'a' } }], { format: 'plain' });
    expect(await run('restore')).toMatchObject({ status: 3, err: expect.stringMatching(/lost their types/) });
  });
});
