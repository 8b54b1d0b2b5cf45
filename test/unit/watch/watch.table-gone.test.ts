import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { nodeProcesses } from '../../../src/disk/node-processes.js';
import { inProcessStreams } from '../../support/in-process-streams.js';
import type { MemoryDisk } from '../../support/memory-disk.js';
import { FAULTS, replicatedTtlDelete, StreamModel } from '../../support/streams-server.js';
import { watchFixture } from './watch-fixture.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NO_TABLE = { code: 'TABLE_NOT_FOUND' };

/** A table that was deleted after its stream was read once and got one deletion more. */
async function deletedTable() {
  const fixture = watchFixture();
  const { model, put, once } = fixture;
  const { StreamArn, shards } = model.createTable({ TableName: 'T' });
  put(shards[0], 'seen');
  await once();
  put(shards[0], 'unseen');
  model.deleteTable('T');
  return { ...fixture, StreamArn, shards };
}

const contentOf = (disk: MemoryDisk) => disk.paths().map((path) => [path, disk.content(path)?.toString()]);

describe('watch: a table that is gone at the start', () => {
  it('reads what its stream still holds, logs it, and ends, with --once', async () => {
    const { once, StreamArn } = await deletedTable();
    const { archived, summary, log } = await once();
    expect(archived).toEqual(['unseen']);
    expect(summary).toMatchObject({ stream: StreamArn, gaps: [] });
    expect(log.lines.filter(({ level }) => level === 'warn')).toEqual([
      {
        level: 'warn',
        event: 'table.not-found',
        message: expect.stringContaining('no such table any more'),
        facts: { TableName: 'T', StreamArn },
      },
    ]);
    await expect(once()).rejects.toMatchObject(NO_TABLE);
  });

  it('waits for the table to come back when it follows, and reads what came and went before that', async () => {
    const { clock, model, put, start } = await deletedTable();
    const run = start();
    await clock.advance(MINUTE);
    expect(run.archived).toEqual(['unseen']);
    expect(run.log.lines.at(-1)?.message).toContain('waiting for it to be created again');
    put(model.createTable({ TableName: 'T' }).shards[0], 'between');
    put(model.recreateTable({ TableName: 'T' }).shards[0], 'latest');
    await clock.advance(MINUTE);
    expect(run.archived).toEqual(['unseen', 'between', 'latest']);
    await run.stop();
  });

  it('reads a stream that came and went after it, too', async () => {
    const { model, put, once } = await deletedTable();
    put(model.createTable({ TableName: 'T' }).shards[0], 'later');
    model.deleteTable('T');
    expect((await once()).archived).toEqual(['unseen', 'later']);
  });

  it('records the gap when a part was trimmed', async () => {
    const { clock, model, shards, put, once } = watchFixtureWithRest();
    await once();
    put(shards[0], 'trimmed');
    await clock.advance(2 * HOUR);
    put(shards[0], 'kept');
    model.deleteTable('T');
    await clock.advance(23 * HOUR);
    model.trimByAge(24 * HOUR);
    const { archived, summary } = await once();
    expect(archived).toEqual(['kept']);
    expect(summary.gaps).toHaveLength(1);
  });

  it('uses the TTL attribute of the archive', async () => {
    const { model, shards, once, disk } = watchFixtureWithRest();
    await once({ deletions: 'inferred' });
    model.put(shards[0] ?? '', replicatedTtlDelete({ PK: { S: 'replicated' }, ttl: { N: '1700000000' } }));
    model.deleteTable('T');
    expect((await once({ deletions: 'inferred' })).archived).toEqual(['replicated']);
    expect(disk.content('/archive/.ttl-archive/archive.json')?.toString()).toContain('"ttlAttribute": "ttl"');
  });

  it('does not infer deletions when the archive has no TTL attribute', async () => {
    const { model, put, once } = watchFixture();
    const { shards } = model.createTable({ TableName: 'T', ttlAttribute: null });
    await once();
    put(shards[0], 'unseen');
    model.deleteTable('T');
    await expect(once({ deletions: 'inferred' })).rejects.toMatchObject(NO_TABLE);
    expect((await once()).archived).toEqual(['unseen']);
  });

  it("rejects another layout or format than the archive's", async () => {
    const { once, disk } = await deletedTable();
    const before = contentOf(disk);
    await expect(once({ layout: 'segments' })).rejects.toMatchObject({ code: 'TABLE' });
    await expect(once({ format: 'record' })).rejects.toMatchObject({ code: 'TABLE' });
    expect(contentOf(disk)).toEqual(before);
  });

  it('does not read while another process uses the folder', async () => {
    const { once, disk } = await deletedTable();
    const startTime = nodeProcesses.startTimeOf(process.pid);
    const holder = { host: hostname(), pid: process.pid, startTime, since: '2026-11-23T12:00:00.000Z', id: 'x' };
    disk.put('/archive/.ttl-archive/lock', JSON.stringify(holder));
    await expect(once()).rejects.toMatchObject({ code: 'LOCKED' });
  });

  it('ends when it is stopped during the search', async () => {
    const { clock, start } = await deletedTable();
    const run = start({}, { faults: () => FAULTS.throttling });
    await clock.advance(MINUTE);
    expect(await run.stop()).toMatchObject({ records: 0 });
  });
});

describe('watch: a table that does not exist', () => {
  it('creates nothing on the disk', async () => {
    const { once, disk } = watchFixture();
    await expect(once()).rejects.toMatchObject(NO_TABLE);
    expect(disk.mutations).toBe(0);
    expect(await disk.list('/archive')).toBeUndefined();
  });

  it('does not change an archive when it is of another table', async () => {
    const { once, disk } = await deletedTable();
    const before = contentOf(disk);
    await expect(once({ table: 'TT' })).rejects.toMatchObject(NO_TABLE);
    expect(contentOf(disk)).toEqual(before);
  });

  it('does not change an archive when it has been read to its end', async () => {
    const { once, disk } = await deletedTable();
    await once();
    const before = contentOf(disk);
    await expect(once()).rejects.toMatchObject(NO_TABLE);
    expect(contentOf(disk)).toEqual(before);
  });

  it('does not change an archive when its stream is in another region or account', async () => {
    const { clock, once, disk } = await deletedTable();
    const before = contentOf(disk);
    const elsewhere = inProcessStreams(new StreamModel({ now: () => clock.now(), region: 'eu-west-1' }));
    await expect(once({}, { tools: elsewhere })).rejects.toMatchObject(NO_TABLE);
    for (const refusal of [FAULTS.accessDenied, { ...FAULTS.accessDenied, type: 'ValidationException' }]) {
      await expect(once({}, { faults: () => refusal })).rejects.toMatchObject(NO_TABLE);
    }
    expect(contentOf(disk)).toEqual(before);
    expect((await once()).archived).toEqual(['unseen']);
  });
});

function watchFixtureWithRest() {
  const fixture = watchFixture();
  return { ...fixture, shards: fixture.model.createTable({ TableName: 'T' }).shards };
}
