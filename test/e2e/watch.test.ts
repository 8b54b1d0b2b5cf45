import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import type { ItemEntry } from '../../src/ports/index.js';
import { readSoundArchive, temporaryFolders } from '../support/archive-folder.js';
import { builtCli, jsonLines } from '../support/cli.js';
import { LOCAL, LOCALS } from '../support/dynamodb-local.js';
import { eventually } from '../support/eventually.js';
import { HOSTILE_KEYS } from '../support/hostile-keys.js';
import { createLocalTable } from '../support/local-table.js';
import { manualDelete, StreamModel, startStreamsServer, ttlDelete } from '../support/streams-server.js';

const folder = temporaryFolders();
const cli = builtCli();

/** A simulated table `Orders` with so many deletions by TTL, `age` milliseconds ago, in its one shard, twenty a page. */
async function simulated(deletions: number, { latencyMs = 0, age = 0 } = {}) {
  const model = new StreamModel({ settings: { cutPage: () => 20 } });
  const [ShardId = ''] = model.createTable({ TableName: 'Orders' }).shards;
  const at = Date.now() - age;
  for (let index = 0; index < deletions; index++) {
    model.put(ShardId, { ...ttlDelete({ PK: { S: `order-${index}` }, ttl: { N: '1795446313' } }), at });
  }
  const server = await startStreamsServer({ model, latencyMs });
  return { model, server, ShardId, at: ['--table', 'Orders', '--endpoint-url', server.endpointUrl] };
}

describe.concurrent('ttl-archive watch', () => {
  it.for(LOCALS)('needs no AWS configuration at a local endpoint ($version)', async ({ endpoint }, { expect }) => {
    const cwd = await folder();
    const table = await createLocalTable(endpoint);
    const item = { PK: { S: 'a' }, n: { N: '1.50' } };
    await table.putAndDelete([item]);
    const args = ['watch', '--once', '--deletions', 'all', '--table', table.TableName, '--endpoint-url', endpoint];
    const { status, stdout } = await cli.run(args, { cwd });
    expect(status).toBe(0);
    expect(stdout).toMatch(/^temp\/no-ttl-a-\d+-[0-9a-f]+\.json\n$/);
    expect(JSON.parse(await readFile(join(cwd, stdout.trim()), 'utf8'))).toEqual({ ...item, n: { N: '1.5' } });
  });

  it('prints the summary and exits with 0 within a second on Ctrl-C, and keeps a second watcher out', async ({
    expect,
  }) => {
    const cwd = await folder();
    const { model, server, ShardId, at } = await simulated(2);
    const first = cli.start(['watch', ...at], { cwd });
    await first.says('order-1');
    const second = await cli.run(['watch', ...at, '--log-format', 'pretty'], { cwd });
    expect(second).toMatchObject({ status: 6, stdout: '' });
    expect(second.stderr).toMatch(new RegExp(`^error: .*\\b${first.child.pid}\\b.*\\.\n\\S.*\\.\n$`, 'm'));
    // The lock is the first one's still.
    model.put(ShardId, manualDelete({ PK: { S: 'by hand' } }), ttlDelete({ PK: { S: 'order-2' } }));
    await first.says('order-2');
    const start = performance.now();
    first.child.kill('SIGINT');
    const { status, stdout, stderr } = await first.ended;
    expect(performance.now() - start).toBeLessThan(1000);
    expect({ status, lines: stdout.trimEnd().split('\n').length }).toEqual({ status: 0, lines: 3 });
    const log = jsonLines(stderr);
    expect(log.at(-1)).toMatchObject({ msg: 'summary', archived: 3, records: 4, gaps: 0 });
    expect(log).toContainEqual(expect.objectContaining({ msg: 'ignored', 'REMOVE (not TTL)': 1 }));
    expect(stderr).not.toMatch(/order-|by hand/);
    // The folder is free again.
    expect((await cli.run(['watch', '--once', ...at], { cwd })).status).toBe(0);
    await server.close();
  });

  it('exits with 0, without a message, when the reader of its output has ended', async ({ expect }) => {
    const cwd = await folder();
    const { server, at } = await simulated(400, { latencyMs: 5 });
    const ended = await cli.shell(`set -o pipefail; $CLI watch ${at.join(' ')} | head -n 1`, { cwd });
    expect(ended.status).toBe(0);
    expect(ended.stdout).toMatch(/^temp\/1795446313-order-0-\S+\n$/);
    expect(jsonLines(ended.stderr).map(({ level }) => level)).not.toContain('fatal');
    await readSoundArchive(join(cwd, 'temp'));
    await server.close();
  });

  it('prints one JSON object per item with --json', async ({ expect }) => {
    const cwd = await folder();
    const { server, at } = await simulated(45);
    const { status, stdout } = await cli.run(['watch', '--once', '--json', '--out', 'my archive', ...at], { cwd });
    expect(status).toBe(0);
    const { items } = await readSoundArchive(join(cwd, 'my archive'));
    expect(items).toHaveLength(45);
    const [{ file = '', ...facts } = {}] = items as readonly Partial<ItemEntry>[];
    expect(jsonLines(stdout)[0]).toEqual({ ...facts, type: undefined, file: join('my archive', file) });
    expect(jsonLines(stdout).map(({ eventID }) => eventID)).toEqual(items.map(({ eventID }) => eventID));
    await server.close();
  });

  it.for([
    ['--json', '--log-level', 'debug'],
    ['--log-format', 'pretty', '--log-level', 'trace'],
  ])('prints nothing odd for hostile keys with %s', async (options, { expect }) => {
    const cwd = await folder();
    const table = await createLocalTable(LOCAL);
    await table.putAndDelete(HOSTILE_KEYS.map((key) => ({ PK: { S: key }, ttl: { S: key } })));
    const at = ['--endpoint-url', LOCAL, '--table', table.TableName];
    const { status, stdout, stderr } = await cli.run(['watch', '--once', '--deletions', 'all', ...at, ...options], {
      cwd,
    });
    expect(status).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(HOSTILE_KEYS.length);
    expect(stdout + stderr).not.toMatch(/[^\n\P{Cc}]|\u202e/u);
  });

  it('exits with 5 and records the gap when records were trimmed before they were read', async ({ expect }) => {
    const cwd = await folder();
    // Read up to 30 hours ago; the stream keeps 24.
    const { model, server, ShardId, at } = await simulated(600, { latencyMs: 20, age: 30 * 3_600_000 });
    const first = cli.start(['watch', ...at], { cwd });
    await first.says('order-0-');
    first.child.kill('SIGINT');
    const { status, stdout } = await first.ended;
    expect(status).toBe(0);
    const before = stdout.trimEnd().split('\n').length;
    expect(before).toBeLessThan(600);
    model.trim(ShardId);
    model.put(ShardId, ttlDelete({ PK: { S: 'still there' } }));
    const second = await cli.run(['watch', '--once', ...at], { cwd });
    expect(second.status).toBe(5);
    expect(second.stdout).toMatch(/^\S+still_there\S+\n$/);
    expect(jsonLines(second.stderr)).toContainEqual(expect.objectContaining({ level: 'error', ShardId }));
    const { items, gaps } = await readSoundArchive(join(cwd, 'temp'));
    expect(items).toHaveLength(before + 1);
    expect(gaps).toMatchObject([{ ShardId }]);
    // It is told once.
    expect((await cli.run(['watch', '--once', ...at], { cwd })).status).toBe(0);
    const state = await cli.run(['status', '--json'], { cwd });
    expect(jsonLines(state.stdout)).toMatchObject([{ gaps: [{ ShardId }] }]);
    await server.close();
  });

  it('resumes when the endpoint stops and comes back', async ({ expect }) => {
    const cwd = await folder();
    const { model, server, ShardId, at } = await simulated(1);
    const watcher = cli.start(['watch', ...at], { cwd });
    await watcher.says('order-0');
    await server.close();
    model.put(ShardId, ttlDelete({ PK: { S: 'order-1' } }));
    await eventually(async () => /"level":"(?:warn|error)"/.test(watcher.output.stderr));
    const again = await startStreamsServer({ model, port: Number(new URL(server.endpointUrl).port) });
    await watcher.says('order-1');
    watcher.child.kill('SIGTERM');
    expect((await watcher.ended).status).toBe(0);
    expect((await readSoundArchive(join(cwd, 'temp'))).items).toHaveLength(2);
    await again.close();
  });
});
