import { describe, expect, it } from 'vitest';
import { TtlArchiveError } from '../../../src/errors.js';
import { FAULTS } from '../../support/streams-server.js';
import { ROOT, tablesFixture } from './tables-fixture.js';

const MINUTE = 60_000;

describe('watchTables', () => {
  it('archives each table into a folder of its own', async () => {
    const { create, start, disk } = tablesFixture();
    create('Orders', 'a', 'b');
    create('Sessions', 'c');
    const run = start({ tables: ['Orders', 'arn:aws:dynamodb:us-east-1:000000000000:table/Sessions'], once: true });
    const { tables } = await run.end();
    expect(run.archived.toSorted()).toEqual(['Orders/a', 'Orders/b', 'Sessions/c']);
    expect(tables.map(({ table, progress }) => [table, progress.archived])).toEqual([
      ['Orders', 2],
      ['Sessions', 1],
    ]);
    for (const table of ['Orders', 'Sessions']) {
      const facts = await disk.read(`${ROOT}/${table}/.ttl-archive/archive.json`, 1e6);
      expect(JSON.parse(String(facts))).toMatchObject({ table });
    }
    expect(await disk.list(ROOT)).toEqual(['Orders/', 'Sessions/']);
  });

  it('counts the calls of each table by itself', async () => {
    const { create, start, model } = tablesFixture();
    create('Quiet');
    model.settings.cutPage = () => 1;
    create('Busy', ...Array.from({ length: 50 }, (_, index) => `${index}`));
    const { tables } = await start({ tables: ['Busy', 'Quiet'], once: true }).end();
    const [busy, quiet] = tables.map(({ progress }) => progress.getRecordsCalls);
    expect(quiet).toBe(5);
    expect(busy).toBeGreaterThan(50);
  });

  it('says the table in each line of the log', async () => {
    const { create, start } = tablesFixture();
    create('Orders', 'a');
    create('Sessions', 'b');
    const run = start({ tables: ['Orders', 'Sessions'], once: true });
    await run.end();
    expect(run.events('stream.started').map(({ table }) => table)).toEqual(['Orders', 'Sessions']);
  });

  it('goes on with the others when two have a fault each at the same time, and tries those again', async () => {
    const { clock, create, put, start, model, disk } = tablesFixture();
    const good = create('Good', 'a');
    create('NoDisk', 'b');
    model.createTable({ TableName: 'NoStream', viewType: null });
    disk.failWhen((operation, path) => (operation === 'append' && path.includes('/NoDisk/') ? 'ENOSPC' : undefined));
    const run = start({ tables: ['Good', 'NoDisk', 'NoStream'] });
    await clock.advance(MINUTE);
    put(good, 'c');
    await clock.advance(MINUTE);
    expect(run.archived).toEqual(['Good/a', 'Good/c']);
    expect(run.failing()).toEqual(['NoDisk', 'NoStream']);
    const failed = run.events('table.failed');
    expect(failed).toHaveLength(2);
    expect(failed).toContainEqual(expect.objectContaining({ table: 'NoDisk', code: 'DISK', status: 7 }));
    const noStream = { table: 'NoStream', code: 'TABLE', status: 3, commands: [expect.any(String)] };
    expect(failed).toContainEqual(expect.objectContaining(noStream));
    disk.failWhen(undefined);
    put(model.enableStream('NoStream').shards[0], 'd');
    await clock.advance(10 * MINUTE);
    expect(run.archived.toSorted()).toEqual(['Good/a', 'Good/c', 'NoDisk/b', 'NoStream/d']);
    expect(run.failing()).toEqual([]);
    const { tables } = await run.stop();
    expect(tables.map(({ table, failure }) => [table, failure])).toEqual([
      ['Good', undefined],
      ['NoDisk', undefined],
      ['NoStream', undefined],
    ]);
  });

  it('returns why a table failed, with once', async () => {
    const { create, start, model } = tablesFixture();
    create('Good', 'a');
    model.createTable({ TableName: 'Keys', viewType: 'KEYS_ONLY' });
    const run = start({ tables: ['Good', 'Keys', 'Missing'], once: true });
    const { tables } = await run.end();
    expect(run.archived).toEqual(['Good/a']);
    expect(tables.map(({ failure }) => (failure instanceof TtlArchiveError ? failure.code : undefined))).toEqual([
      undefined,
      'TABLE',
      'TABLE_NOT_FOUND',
    ]);
  });

  it('reports the same failure of a table once', async () => {
    const { clock, start } = tablesFixture();
    const run = start({ tables: ['Missing'] });
    await clock.advance(60 * MINUTE);
    expect(run.events('table.failed')).toHaveLength(1);
    await run.stop();
  });

  it('archives nothing into a folder that is an archive itself', async () => {
    const { create, start, disk } = tablesFixture();
    create('Orders', 'a');
    await start({ tables: ['Orders'], once: true }).end();
    const inside = start({ tables: ['Orders', 'Others'], out: `${ROOT}/Orders`, once: true });
    await expect(inside.end()).rejects.toMatchObject({ code: 'TABLE', message: expect.stringContaining('"Orders"') });
    expect(await disk.list(`${ROOT}/Orders/Orders`)).toBeUndefined();
  });

  it('keeps tables apart whose names differ in case only, on a disk that knows no case', async () => {
    const { create, start, disk } = tablesFixture();
    create('Orders', 'a');
    create('orders', 'b');
    const withoutCase = new Proxy(disk, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        const lower = (arg: unknown) => (typeof arg === 'string' && arg.startsWith('/') ? arg.toLowerCase() : arg);
        return (...args: unknown[]): unknown => Reflect.apply(member, target, args.map(lower));
      },
    });
    for (let runs = 0; runs < 2; runs++) {
      const run = start({ tables: ['Orders', 'orders'], once: true }, { context: { disk: withoutCase } });
      const { tables } = await run.end();
      const failures = tables.map(({ failure }) => (failure instanceof TtlArchiveError ? failure.code : undefined));
      expect(failures.filter((code) => code !== undefined)).toHaveLength(1);
      expect(['LOCKED', 'TABLE']).toContain(failures.find((code) => code !== undefined));
      expect(run.archived.length).toBeLessThanOrEqual(1);
    }
    expect((await disk.list(`${ROOT.toLowerCase()}/orders`))?.filter((name) => name.endsWith('.json'))).toHaveLength(1);
  });

  it('logs one line, and not one for each table, when no call succeeds', async () => {
    const { create, start, clock } = tablesFixture();
    const names = Array.from({ length: 20 }, (_, index) => `Table-${index}`);
    for (const name of names) create(name);
    let isDown = false;
    const run = start({ tables: names }, { faults: () => (isDown ? FAULTS.reset : undefined) });
    await clock.advance(MINUTE);
    isDown = true;
    await clock.advance(MINUTE);
    const lines = run.events('call.failed').map(({ operation }) => operation);
    expect(lines.filter((operation) => operation === 'GetRecords').length).toBeLessThanOrEqual(3);
    expect(lines.length).toBeGreaterThan(0);
    await run.stop();
  });

  it.each(['.ttl-archive', '..', 'a/b', '../x'])('takes no table with the name %s', async (name) => {
    const { start } = tablesFixture();
    await expect(start({ tables: ['Good', name], once: true }).end()).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('stays below eight calls of DescribeStream a second over all tables', async () => {
    const { create, start, clock } = tablesFixture();
    const names = Array.from({ length: 40 }, (_, index) => `Table-${index}`);
    for (const name of names) create(name, 'a');
    const times: number[] = [];
    const onCall = ({ operation, at }: { operation: string; at: number }) => {
      if (operation === 'DescribeStream') times.push(at);
    };
    const run = start({ tables: names }, { onCall });
    await clock.advance(2 * MINUTE);
    const most = Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 1000).length));
    expect(run.archived).toHaveLength(40);
    expect(most).toBeLessThanOrEqual(9);
    await run.stop();
  });

  it('goes on when calls about one table fail for ever', async () => {
    const { clock, create, start, model } = tablesFixture();
    create('Good', 'a');
    create('Bad', 'b');
    const bad = model.table('Bad').stream?.StreamArn;
    const run = start(
      { tables: ['Bad', 'Good'] },
      { faults: ({ StreamArn }) => (StreamArn === bad ? FAULTS.internalError : undefined) },
    );
    await clock.advance(MINUTE);
    expect(run.archived).toEqual(['Good/a']);
    await run.stop();
  });
});
