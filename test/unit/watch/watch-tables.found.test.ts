import { describe, expect, it } from 'vitest';
import { TtlArchiveError } from '../../../src/errors.js';
import type { InProcessClients } from '../../support/in-process-streams.js';
import { ROOT, tablesFixture } from './tables-fixture.js';

const MINUTE = 60_000;

/** Clients whose list of tables is another one. */
const listing =
  (listTables: InProcessClients['tables']['listTables']) =>
  ({ streams, tables }: InProcessClients): InProcessClients => ({ streams, tables: { ...tables, listTables } });

describe('watchTables: tables that are found', () => {
  it('archives the tables whose names match a pattern, and no other', async () => {
    const { create, start, disk } = tablesFixture();
    for (const name of ['prod-a', 'prod-b', 'xprod-c', 'prod.d', 'PROD-e']) create(name, 'key');
    const run = start({ patterns: ['prod-*'], once: true });
    await run.end();
    expect(run.archived.toSorted()).toEqual(['prod-a/key', 'prod-b/key']);
    expect(await disk.list(ROOT)).toEqual(['prod-a/', 'prod-b/']);
  });

  it('takes the characters of a pattern for themselves, except * and ?', async () => {
    const { create, start } = tablesFixture();
    for (const name of ['a.b', 'axb', 'a.bb', 'a-1', 'a-22']) create(name, 'key');
    const run = start({ patterns: ['a.b', 'a-?'], once: true });
    await run.end();
    expect(run.archived.toSorted()).toEqual(['a-1/key', 'a.b/key']);
  });

  it('archives the tables with all the tags that also match a pattern, and those that are named', async () => {
    const { create, start, model } = tablesFixture();
    for (const name of ['prod-a', 'prod-b', 'prod-c', 'test-d', 'Named']) create(name, 'key');
    model.table('prod-a').tags = { archive: 'yes', team: 'x' };
    model.table('prod-b').tags = { archive: 'yes' };
    model.table('prod-c').tags = { archive: 'no', team: 'x' };
    model.table('test-d').tags = { archive: 'yes', team: 'x' };
    const tags = [
      { key: 'archive', value: 'yes' },
      { key: 'team', value: 'x' },
    ];
    const run = start({ tables: ['Named'], patterns: ['prod-*'], tags, once: true });
    await run.end();
    expect(run.archived.toSorted()).toEqual(['Named/key', 'prod-a/key']);
  });

  it('reads every page of the list', async () => {
    const { create, start } = tablesFixture();
    for (let index = 0; index < 230; index++) create(`T-${index}`);
    create('prod-last', 'key');
    const run = start({ patterns: ['prod-*'], once: true });
    await run.end();
    expect(run.archived).toEqual(['prod-last/key']);
  });

  it('loses nothing of a table that is created, deleted and created again while it runs', async () => {
    const { clock, create, put, start, model } = tablesFixture();
    create('prod-first', 'a');
    const run = start({ patterns: ['prod-*'] });
    await clock.advance(MINUTE);
    const shard = create('prod-new', 'b');
    await clock.advance(3 * MINUTE);
    expect(run.archived).toEqual(['prod-first/a', 'prod-new/b']);
    put(shard, 'c');
    model.deleteTable('prod-new');
    await clock.advance(5 * MINUTE);
    expect(run.archived).toContain('prod-new/c');
    expect(run.progress().map(({ table }) => table)).toEqual(['prod-first']);
    expect(run.events('table.left')).toEqual([{ TableName: 'prod-new', why: 'deleted' }]);
    create('prod-new', 'd');
    await clock.advance(3 * MINUTE);
    expect(run.archived).toEqual(['prod-first/a', 'prod-new/b', 'prod-new/c', 'prod-new/d']);
    expect(run.failing()).toEqual([]);
    const { tables } = await run.stop();
    expect(tables.map(({ progress }) => progress.gapCount)).toEqual([0, 0]);
  });

  it('does not leave a table that is missing in one list', async () => {
    const { clock, create, put, start, model } = tablesFixture();
    const shard = create('prod-a', 'a');
    let calls = 0;
    const run = start(
      { patterns: ['prod-*'] },
      { wrap: listing(async () => ({ TableNames: ++calls === 2 ? [] : [...model.tables.keys()] })) },
    );
    await clock.advance(3 * MINUTE);
    put(shard, 'b');
    await clock.advance(MINUTE);
    expect(calls).toBeGreaterThanOrEqual(2);
    expect(run.archived).toEqual(['prod-a/a', 'prod-a/b']);
    expect(run.events('table.left')).toEqual([]);
    await run.stop();
  });

  it('leaves a table that loses its tag, and takes it up again where it was', async () => {
    const { clock, create, put, start, model } = tablesFixture();
    const shard = create('Orders', 'a');
    const tagged = { archive: 'yes' };
    model.table('Orders').tags = tagged;
    const run = start({ tags: [{ key: 'archive', value: 'yes' }] });
    await clock.advance(MINUTE);
    model.table('Orders').tags = {};
    await clock.advance(2 * MINUTE);
    put(shard, 'b');
    await clock.advance(2 * MINUTE);
    expect(run.archived).toEqual(['Orders/a']);
    model.table('Orders').tags = tagged;
    await clock.advance(3 * MINUTE);
    expect(run.archived).toEqual(['Orders/a', 'Orders/b']);
    await run.stop();
  });

  it('goes on with the tables that it knows when they cannot be listed any more', async () => {
    const { clock, create, put, start, model } = tablesFixture();
    const shard = create('prod-a', 'a');
    let calls = 0;
    const run = start(
      { patterns: ['prod-*'] },
      {
        wrap: listing(async () => {
          if (++calls > 1) throw new TtlArchiveError('ACCESS_DENIED', 'ListTables is not permitted.');
          return { TableNames: [...model.tables.keys()] };
        }),
      },
    );
    await clock.advance(5 * MINUTE);
    put(shard, 'b');
    await clock.advance(MINUTE);
    expect(run.archived).toEqual(['prod-a/a', 'prod-a/b']);
    expect(run.events('tables.not-listed')).toContainEqual({
      code: 'ACCESS_DENIED',
      reason: 'ListTables is not permitted.',
    });
    await run.stop();
  });

  it('ends when the tables cannot be listed at the start', async () => {
    const { create, start } = tablesFixture();
    create('prod-a', 'a');
    const run = start(
      { patterns: ['prod-*'] },
      {
        wrap: listing(async () => {
          throw new TtlArchiveError('ACCESS_DENIED', 'ListTables is not permitted.');
        }),
      },
    );
    await expect(run.end()).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
  });

  it('waits for a table that matches; with once it ends', async () => {
    const { clock, create, start } = tablesFixture();
    await expect(start({ patterns: ['prod-*'], once: true }).end()).rejects.toMatchObject({ code: 'TABLE_NOT_FOUND' });
    const run = start({ patterns: ['prod-*'] });
    await clock.advance(MINUTE);
    expect(run.events('tables.none-found')).toHaveLength(1);
    create('prod-a', 'a');
    await clock.advance(3 * MINUTE);
    expect(run.archived).toEqual(['prod-a/a']);
    await run.stop();
  });

  it('makes no folder of a name that a hostile list has', async () => {
    const { create, start, disk } = tablesFixture();
    create('Good', 'a');
    const hostile = [
      '.',
      '..',
      '../../etc',
      '/etc/passwd',
      '.ttl-archive',
      'a\u0000b',
      'a\nb',
      '',
      'x'.repeat(100_000),
    ];
    const run = start(
      { patterns: ['*'], once: true },
      { wrap: listing(async () => ({ TableNames: [...hostile, 'Good'] })) },
    );
    await run.end();
    expect(run.archived).toEqual(['Good/a']);
    expect(await disk.list(ROOT)).toEqual(['Good/']);
    const skipped = run.events('table.skipped').map(({ TableName }) => String(TableName));
    expect(skipped).toHaveLength(hostile.length);
    expect(Math.max(...skipped.map(({ length }) => length))).toBeLessThanOrEqual(255);
  });

  it('ends a list of tables that never ends', async () => {
    const { start } = tablesFixture();
    let calls = 0;
    const endless = start(
      { patterns: ['*'], once: true },
      {
        wrap: listing(async () => ({
          TableNames: Array.from({ length: 10_000 }, (_, index) => `T-${calls}-${index}`),
          LastEvaluatedTableName: `T-${calls++}`,
        })),
      },
    );
    await expect(endless.end()).rejects.toMatchObject({ code: 'BAD_RESPONSE' });
    const circle = start(
      { patterns: ['*'], once: true },
      { wrap: listing(async () => ({ TableNames: ['..'], LastEvaluatedTableName: 'a' })) },
    );
    await expect(circle.end()).rejects.toMatchObject({ code: 'TABLE_NOT_FOUND' });
  });
});
