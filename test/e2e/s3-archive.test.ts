import { beforeAll, describe, it } from 'vitest';
import { temporaryFolders } from '../support/archive-folder.js';
import { builtCli } from '../support/cli.js';
import { LOCAL } from '../support/dynamodb-local.js';
import { createLocalTable } from '../support/local-table.js';
import { serveArchive, writeBatch } from '../support/s3-archive.js';
import { S3_FAULTS } from '../support/s3-server/faults.js';

const folder = temporaryFolders();
const cli = builtCli();
const objects = new Map<string, Buffer>();

beforeAll(async () => {
  await writeBatch(objects, 30);
  // Delivered again, cut differently, and the hour after.
  await writeBatch(objects, 20, { from: 20 });
  await writeBatch(objects, 5, { from: 40, hour: 1 });
});

describe('the commands on an archive in S3', () => {
  it('show, find, verify and restore it from an S3 with faults, and keep nothing here', async ({
    expect,
    onTestFinished,
  }) => {
    const faults = [S3_FAULTS.slowDown, undefined, S3_FAULTS.truncated, undefined, undefined, S3_FAULTS.lostAnswer];
    const { server, place } = await serveArchive(objects, { faults: ({ number }) => faults[number % 6], pageSize: 2 });
    onTestFinished(() => server.close());
    const table = await createLocalTable(LOCAL, { ttlAttribute: 'ttl' });
    onTestFinished(() => table.drop());
    const cwd = await folder();
    const run = async (command: string, ...more: readonly string[]) => {
      const { status, stdout, stderr } = await cli.run([command, ...more, ...place], { cwd });
      return { status, stdout, stderr };
    };

    expect(await run('status')).toMatchObject({ status: 0, stdout: expect.stringContaining('55 items in 3 objects') });
    const found = await run('find', '--key', 'key-25');
    expect(found).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^\S+\tttl\t\S+\ts3:\/\/bucket\/orders\/\S+\n$/),
    });
    expect(await run('find', '--since', '2026-11-23T13:00', '--count')).toEqual({
      status: 0,
      stdout: '5\n',
      stderr: '',
    });
    expect(await run('verify')).toEqual({
      status: 0,
      stdout: expect.stringMatching(/^45 items in 3 objects, .* all intact\n10 items archived more than once/),
      stderr: '',
    });
    const into = ['--table', table.TableName, '--endpoint-url', LOCAL];
    expect(await run('restore', ...into)).toMatchObject({
      status: 0,
      stdout: `restored 45 items into ${table.TableName}, 0 skipped (already in the table), 0 failed\n`,
    });
    expect(await table.get({ PK: { S: 'key-25' } })).toEqual({ PK: { S: 'key-25' }, text: { S: 'ü-25\n' } });
    const [, place25 = ''] = /(s3:\/\/[^@]+)@/.exec(found.stdout) ?? [];
    expect(await run('restore', place25, ...into)).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^restored 0 items .* [23]0 skipped/),
    });
  });

  it('suggest a command that reaches the same archive', async ({ expect, onTestFinished }) => {
    const damaged = new Map(objects);
    for (const key of damaged.keys()) if (key.startsWith('year=')) damaged.delete(key);
    const { server, place } = await serveArchive(damaged);
    onTestFinished(() => server.close());
    const cwd = await folder();
    const { status, stderr } = await cli.run(['find', '--key', 'key-1', '--show', ...place], { cwd });
    expect(status).toBe(10);
    const suggested: string = JSON.parse(stderr.trim().split('\n').at(-1) ?? '').commands[0];
    expect(suggested).toBe(`ttl-archive verify --out s3://bucket/orders --s3-endpoint-url ${server.endpointUrl}`);
    expect((await cli.run(suggested.split(' ').slice(1), { cwd })).stdout).toMatch(/missing .*data object missing/);
  });
});
