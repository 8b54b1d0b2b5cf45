import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { temporaryFolders } from '../support/archive-folder.js';
import { builtCli, type Ended, jsonLines } from '../support/cli.js';
import { LOCAL, uniqueTable } from '../support/dynamodb-local.js';
import { createLocalTable } from '../support/local-table.js';
import { readOnlyFolder } from '../support/read-only-folder.js';

const folder = temporaryFolders();
const cli = builtCli();
const AT_LOCAL = ['--endpoint-url', LOCAL];

/** What is said of the error for people: a sentence that names the thing, and one that says what to do. */
function sentencesOf({ stderr, stdout }: Ended): string[] {
  if (stdout !== '') throw new Error(`unexpected on stdout: ${stdout}`);
  const lines = stderr.trimEnd().split('\n');
  const at = lines.findIndex((line) => line.startsWith('error: '));
  return lines.slice(at);
}

const SENTENCE = /^\S.*[.?`'"]$/;

describe.concurrent('ttl-archive watch, when it cannot', () => {
  const watchOnce = async (options: { args: readonly string[]; cwd: string }) =>
    cli.run(['watch', '--once', '--log-format', 'pretty', ...options.args], options);

  it('exits with 3 when there is no such table', async ({ expect }) => {
    const cwd = await folder();
    const table = uniqueTable('Missing');
    const ended = await watchOnce({ args: [...AT_LOCAL, '--table', table], cwd });
    expect(ended.status).toBe(3);
    expect(sentencesOf(ended)).toEqual([
      expect.stringMatching(`^error: DynamoDB at \\S+ has no table "${table}"\\.$`),
      expect.stringMatching(/:$/),
      `  ttl-archive setup --table ${table} --endpoint-url ${LOCAL}`,
    ]);
    // A wrong name must not leave an archive behind.
    expect(await readdir(cwd)).toEqual([]);
  });

  it.for([
    { viewType: null, told: 'has no stream', commands: 1 },
    { viewType: 'KEYS_ONLY', told: 'KEYS_ONLY', commands: 2 },
  ])('ends with 3 when the stream is $viewType', async ({ viewType, told, commands }, { expect }) => {
    const cwd = await folder();
    const { TableName } = await createLocalTable(LOCAL, { viewType });
    const ended = await watchOnce({ args: [...AT_LOCAL, '--table', TableName], cwd });
    expect(ended.status).toBe(3);
    const [error, remedy, ...more] = sentencesOf(ended);
    expect([error, remedy]).toEqual([expect.stringContaining(told), expect.stringMatching(/:$/)]);
    expect(more).toHaveLength(commands);
    expect(more.at(-1)).toBe(`  ttl-archive setup --table ${TableName} --endpoint-url ${LOCAL}`);
    expect(await readdir(cwd)).toEqual([]);
  });

  it('exits with 3 when the folder holds the archive of another table', async ({ expect }) => {
    const cwd = await folder();
    const [one, other] = await Promise.all([createLocalTable(LOCAL), createLocalTable(LOCAL)]);
    expect((await watchOnce({ args: [...AT_LOCAL, '--table', one.TableName], cwd })).status).toBe(0);
    const ended = await watchOnce({ args: [...AT_LOCAL, '--table', other.TableName], cwd });
    expect(ended.status).toBe(3);
    expect(sentencesOf(ended)).toEqual([expect.stringContaining(one.TableName), expect.stringContaining('--out')]);
  });

  it('exits with 7 when the folder is a file', async ({ expect }) => {
    const cwd = await folder();
    const { TableName } = await createLocalTable(LOCAL);
    await writeFile(join(cwd, 'occupied'), 'x');
    const ended = await watchOnce({ args: [...AT_LOCAL, '--table', TableName, '--out', 'occupied'], cwd });
    expect(ended.status).toBe(7);
    expect(sentencesOf(ended)).toEqual([expect.stringContaining('occupied'), expect.stringMatching(SENTENCE)]);
  });

  it('exits with 7 when the folder is read-only', async ({ expect, skip }) => {
    const cwd = await folder();
    const readOnly = await readOnlyFolder(await folder());
    skip(readOnly === undefined, 'root may write everywhere here');
    const { TableName } = await createLocalTable(LOCAL);
    const args = [...AT_LOCAL, '--table', TableName, '--out', `${readOnly}/archive`];
    const ended = await watchOnce({ args, cwd });
    expect(ended.status).toBe(7);
    expect(sentencesOf(ended)).toEqual([
      expect.stringContaining(`${readOnly}/archive`),
      expect.stringMatching(SENTENCE),
    ]);
  });

  it.for([
    { args: ['--bogus'], told: '--bogus' },
    { args: ['--poll-interval', 'banana'], told: 'banana' },
  ])('ends with 2 when it is given $args', async ({ args, told }, { expect }) => {
    const cwd = await folder();
    const ended = await watchOnce({ args, cwd });
    expect(ended.status).toBe(2);
    expect(sentencesOf(ended)).toEqual([expect.stringContaining(told), expect.stringMatching(SENTENCE)]);
    expect(await readdir(cwd)).toEqual([]);
  });

  it('exits with 11, and writes JSON without a terminal, when nothing listens', async ({ expect }) => {
    const cwd = await folder();
    const ended = await cli.run(['watch', '--once', '--endpoint-url', 'http://127.0.0.1:9'], { cwd });
    expect(ended).toMatchObject({ status: 11, stdout: '' });
    expect(jsonLines(ended.stderr).at(-1)).toMatchObject({
      level: 'fatal',
      status: 11,
      msg: expect.stringContaining('127.0.0.1:9'),
      remedy: expect.stringContaining('--local'),
    });
  });
});
