import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TtlArchiveError, watchTables } from '../../../src/index.js';
import { temporaryFolders } from '../../support/archive-folder.js';
import { notedLog } from '../../support/noted-log.js';
import { StreamModel, startStreamsServer, ttlDelete } from '../../support/streams-server.js';

const folder = temporaryFolders();

/** A simulated service over HTTP; each of its tables has one deletion by TTL. */
async function service(...names: string[]) {
  const model = new StreamModel();
  const server = await startStreamsServer({ model });
  onTestFinished(() => server.close());
  for (const TableName of names) {
    const [ShardId = ''] = model.createTable({ TableName }).shards;
    model.put(ShardId, ttlDelete({ PK: { S: TableName }, ttl: { N: '1795446313' } }));
  }
  return { model, connection: { endpointUrl: server.endpointUrl, region: 'us-east-1' }, out: await folder() };
}

describe('watchTables', () => {
  it('archives the tables that are named, and those that patterns and tags choose, each into its folder', async () => {
    const { model, ...place } = await service('Named', 'prod-1', 'prod-2', 'test-1');
    model.table('prod-2').tags = { archive: 'yes' };
    model.table('test-1').tags = { archive: 'yes' };
    const archived: string[] = [];
    const { done, progress } = watchTables({
      ...place,
      once: true,
      tables: ['Named'],
      patterns: ['prod-*'],
      tags: [{ key: 'archive', value: 'yes' }],
      onArchived: (items, table) => archived.push(`${table}: ${items.length}`),
    });
    const { tables } = await done;
    expect(tables.map(({ table, progress: of, failure }) => [table, of.archived, failure])).toEqual([
      ['Named', 1, undefined],
      ['prod-2', 1, undefined],
    ]);
    expect(progress().map(({ table }) => table)).toEqual(['Named', 'prod-2']);
    expect(archived.toSorted()).toEqual(['Named: 1', 'prod-2: 1']);
    expect((await readdir(place.out)).toSorted()).toEqual(['Named', 'prod-2']);
    expect(await readdir(join(place.out, 'prod-2'))).toContain('.ttl-archive');
  });

  it('says what became of a table that fails, in the words of the library, and archives the others', async () => {
    const { model, ...place } = await service('Good');
    model.createTable({ TableName: 'Keys', viewType: 'KEYS_ONLY' });
    const log = notedLog();
    const { tables } = await watchTables({ ...place, once: true, tables: ['Good', 'Keys', 'Missing'], log }).done;
    expect(tables.map(({ table, progress: { archived } }) => [table, archived])).toEqual([
      ['Good', 1],
      ['Keys', 0],
      ['Missing', 0],
    ]);
    const missing = tables.at(-1)?.failure;
    expect(missing).toBeInstanceOf(TtlArchiveError);
    expect(missing).toMatchObject({
      code: 'TABLE_NOT_FOUND',
      remedy: expect.stringContaining('Check `table`, `connection.region`'),
    });
    const failed = log.lines.filter(({ event }) => event === 'table.failed');
    expect(failed.map(({ facts }) => String(facts['table'])).toSorted()).toEqual(['Keys', 'Missing']);
    expect(JSON.stringify(failed.map(({ facts }) => facts['remedy']))).not.toContain('--');
  });

  it('ends when the signal aborts', async () => {
    const place = await service('One', 'Two');
    const stop = new AbortController();
    const onArchived = () => stop.abort();
    const { tables } = await watchTables({ ...place, tables: ['One', 'Two'], signal: stop.signal, onArchived }).done;
    expect(tables.map(({ interrupted }) => interrupted)).toEqual([true, true]);
  });

  it('throws for ARNs of two regions, and rejects when there is nothing to watch', async () => {
    const { out, connection } = await service();
    const arn = (region: string) => `arn:aws:dynamodb:${region}:123456789012:table/Orders`;
    expect(() => watchTables({ out, tables: ['eu-west-1', 'us-east-1'].map(arn) })).toThrow(/two|regions/);
    await expect(watchTables({ out, connection }).done).rejects.toMatchObject({ code: 'USAGE' });
  });
});
