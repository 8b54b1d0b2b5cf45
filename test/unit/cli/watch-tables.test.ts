import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { runProgram } from '../../../src/cli/program.js';
import { fakeIo } from '../../support/fake-io.js';
import { FAULTS, type FaultPlan, StreamModel, startStreamsServer, ttlDelete } from '../../support/streams-server.js';

const jsonLines = (text: string): unknown[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** `watch --once` of a simulated service, in an empty folder. */
async function service({ faults }: { readonly faults?: FaultPlan } = {}) {
  const model = new StreamModel();
  const server = await startStreamsServer({ model, ...(faults !== undefined && { faults }) });
  const cwd = await mkdtemp(join(tmpdir(), 'ttl-archive-'));
  onTestFinished(async () => {
    await server.close();
    await rm(cwd, { recursive: true, force: true });
  });
  return {
    model,
    cwd,
    /** A table with a deletion by TTL. */
    create(TableName: string) {
      const [ShardId = ''] = model.createTable({ TableName }).shards;
      model.put(ShardId, ttlDelete({ PK: { S: `key of ${TableName}` }, ttl: { N: '1795446313' } }));
    },
    async watch(args: readonly string[], { env = {}, stderr = {} } = {}) {
      const io = fakeIo({ cwd, env: { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', ...env }, stderr });
      const at = ['--endpoint-url', server.endpointUrl, '--region', 'us-east-1', '--once'];
      const status = await runProgram(['watch', ...args, ...at], io);
      return { status, out: io.out(), err: io.err() };
    },
  };
}

describe('watch of several tables', () => {
  it('ends with 0, and prints the paths of the items of all tables', async () => {
    const { create, watch, cwd } = await service();
    for (const name of ['A-1', 'B-2', 'C-3']) create(name);
    const { status, out, err } = await watch(['--table', 'A-1', '--table', 'B-2', '--table', 'A-1', '--out', 'all']);
    expect(status).toBe(0);
    expect(
      out
        .split('\n')
        .map((line) => line.replace(/[^/]*$/, ''))
        .toSorted(),
    ).toEqual(['', 'all/A-1/', 'all/B-2/']);
    expect(await readdir(join(cwd, 'all'))).toEqual(['A-1', 'B-2']);
    expect(jsonLines(err).at(-1)).toMatchObject({ event: 'watch.summary', tables: 2, archived: 2 });
  });

  it('archives the tables with a tag, and those that the environment chooses by a pattern', async () => {
    const { create, watch, model, cwd } = await service();
    for (const name of ['prod-1', 'prod-2', 'test-1']) create(name);
    model.table('prod-2').tags = { archive: 'yes', note: 'a=b' };
    model.table('test-1').tags = { archive: 'yes', note: 'a=b' };
    const tags = ['--tag', 'archive=yes', '--tag', 'note=a=b'];
    expect((await watch([...tags, '--out', 'tagged'])).status).toBe(0);
    expect(await readdir(join(cwd, 'tagged'))).toEqual(['prod-2', 'test-1']);
    // commander reads the environment itself.
    vi.stubEnv('TTL_ARCHIVE_TABLE_PATTERN', 'prod-*, test-1');
    onTestFinished(() => void vi.unstubAllEnvs());
    const env = { TTL_ARCHIVE_TABLE_PATTERN: 'prod-*, test-1', TTL_ARCHIVE_TABLE: 'Other' };
    expect((await watch(['--out', 'matching'], { env })).status).toBe(0);
    expect(await readdir(join(cwd, 'matching'))).toEqual(['prod-1', 'prod-2', 'test-1']);
  });

  it('keeps the layout of a single table that is named twice', async () => {
    const { create, watch, cwd } = await service();
    create('Only');
    expect((await watch(['--table', 'Only', '--table', 'Only'])).status).toBe(0);
    expect(await readdir(join(cwd, 'temp'))).toContain('.ttl-archive');
  });

  it('ends with the worst of the exit statuses, and names the tables that failed', async () => {
    const denied: FaultPlan = ({ input }) => (input['TableName'] === 'Denied' ? FAULTS.accessDenied : undefined);
    const { create, watch, model, cwd } = await service({ faults: denied });
    for (const name of ['Good', 'Denied', 'NoDisk']) create(name);
    model.createTable({ TableName: 'Keys', viewType: 'KEYS_ONLY' });
    const statusOf = async (...names: string[]) =>
      watch(['--out', 'root', ...names.flatMap((name) => ['--table', name])]);
    const three = await statusOf('Good', 'Keys', 'Missing');
    expect(three.status).toBe(3);
    expect(jsonLines(three.err).at(-1)).toMatchObject({
      event: 'command.failed',
      msg: '2 of 3 tables failed: "Keys", "Missing".',
    });
    expect(three.out).toMatch(/^root\/Good\/.*\n$/);
    expect((await statusOf('Good', 'Keys', 'Denied')).status).toBe(4);
    await mkdir(join(cwd, 'root'), { recursive: true });
    await writeFile(join(cwd, 'root', 'NoDisk'), 'a file in the place of the folder');
    expect((await statusOf('Keys', 'Denied', 'NoDisk')).status).toBe(7);
  });

  it('ends with 5 when one table has a gap and another one cannot be written', async () => {
    const { create, watch, model, cwd } = await service();
    for (const name of ['Gap', 'NoDisk']) create(name);
    await mkdir(join(cwd, 'root'), { recursive: true });
    await writeFile(join(cwd, 'root', 'NoDisk'), '');
    const [shard] = model.table('Gap').stream?.shards ?? [];
    const { oldImage: _, ...withoutImage } = ttlDelete({ PK: { S: 'no image' } });
    model.put(shard?.ShardId ?? '', withoutImage);
    expect((await watch(['--table', 'Gap', '--table', 'NoDisk', '--out', 'root'])).status).toBe(5);
  });

  it('refuses a folder that is an archive, and archives one table into none with several', async () => {
    const { create, watch, cwd } = await service();
    for (const name of ['A-1', 'B-2']) create(name);
    await watch(['--table', 'A-1', '--table', 'B-2', '--out', 'root']);
    const single = await watch(['--table', 'A-1', '--out', 'root']);
    expect(single).toMatchObject({ status: 3, err: expect.stringContaining('root holds archives of several tables') });
    expect(await readdir(join(cwd, 'root'))).toEqual(['A-1', 'B-2']);
    expect((await watch(['--table', 'A-1', '--out', 'root/A-1'])).status).toBe(0);
    const several = await watch(['--table', 'A-1', '--table', 'B-2', '--out', 'root/A-1']);
    expect(several).toMatchObject({ status: 3, err: expect.stringContaining('is the archive of table') });
  });

  it.each([
    [['--table-pattern', 'a/b'], /pattern/],
    [['--tag', 'novalue'], /tag/],
    [['--table', 'A-1', '--table', '.hidden'], /cannot be archived beside others/],
    [['--max-poll-interval', '6m'], /at most 5m/],
  ])('rejects %j', async (args, text) => {
    const { watch } = await service();
    const { status, err } = await watch(args);
    expect(err).toMatch(text);
    expect(status).toBe(2);
  });

  it('rejects tables of two regions', async () => {
    const io = fakeIo();
    const arns = ['us-east-1', 'eu-west-1'].map((region) => `arn:aws:dynamodb:${region}:1:table/Orders-${region}`);
    const status = await runProgram(['watch', ...arns.flatMap((arn) => ['--table', arn])], io);
    expect(status).toBe(2);
    expect(io.err()).toContain('The tables are in the regions us-east-1 and eu-west-1.');
  });

  it('takes a --max-poll-interval of a minute', async () => {
    const { create, watch } = await service();
    create('A-1');
    expect((await watch(['--table', 'A-1', '--max-poll-interval', '60s'])).status).toBe(0);
  });

  it('prints a line a table, and the sum, on a terminal', async () => {
    const { create, watch } = await service();
    create('Good');
    const { err } = await watch(['--table', 'Good', '--table', 'Missing', '--log-format', 'pretty']);
    expect(err).toMatch(/^Good: archived 1 item$/m);
    expect(err).toMatch(/^Missing: archived 0 items, failed: .*no table\n  "Missing"\.$/m);
    expect(err).toMatch(/^2 tables:\narchived 1 item /m);
    expect(err).toMatch(/^error: 1 of 2 tables failed: "Missing"\.$/m);
  });
});
