import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeDisk } from '../../src/disk/node-disk.js';
import type { ItemStore } from '../../src/ports/index.js';
import { openFileStore } from '../../src/store/file-store.js';
import { openSegmentStore } from '../../src/store/segment-store.js';
import { archivedItems } from '../support/archived-items.js';
import { DELETED_AT } from '../support/change-record.js';
import { simulatedClock } from '../support/simulated-clock.js';

const COUNT = 60;
const HOUR = 3600;

/** Two pages for each of three hours, so that every segment has two gzip members. */
async function fill(store: ItemStore): Promise<void> {
  for (let page = 0; page < 6; page++) {
    const items = archivedItems(10, { from: page * 10, deletedAt: DELETED_AT + (page % 3) * HOUR });
    await store.write(items, async () => undefined);
  }
  await store.close();
}

describe('DuckDB', () => {
  let folder = '';
  let database: DuckDBInstance;
  let connection: DuckDBConnection;

  const rows = async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjectsJson();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ttl-archive-'));
    const [files, segments] = [join(folder, 'files'), join(folder, 'segments')];
    await Promise.all([files, segments].map((directory) => nodeDisk.makeDirectory(directory)));
    await fill(await openFileStore({ disk: nodeDisk }, { directory: files }));
    await fill(
      await openSegmentStore(
        { disk: nodeDisk, clock: simulatedClock() },
        { directory: segments, compress: 'gzip', segmentSize: 2 ** 20, format: 'item' },
      ),
    );
    database = await DuckDBInstance.create();
    connection = await database.connect();
  });

  afterAll(async () => {
    connection.closeSync();
    database.closeSync();
    await rm(folder, { recursive: true, force: true });
  });

  it('finds the same items in segments, with every gzip member of them, as in files', async () => {
    const files = `read_json('${folder}/files/*.json', format = 'newline_delimited')`;
    const segments = `read_json('${folder}/segments/**/*.json.gz', format = 'newline_delimited', hive_partitioning = true)`;
    const fromFiles = await rows(`SELECT PK.S AS key, ttl.N AS ttl, "text".S AS "text" FROM ${files} ORDER BY key`);
    const fromSegments = await rows(
      `SELECT Item.PK.S AS key, Item.ttl.N AS ttl, Item."text".S AS "text" FROM ${segments} ORDER BY key`,
    );
    expect(fromFiles).toHaveLength(COUNT);
    expect(fromSegments).toEqual(fromFiles);
    const hours = await rows(`SELECT hour, count(*)::INT AS items FROM ${segments} GROUP BY hour ORDER BY hour`);
    expect(hours.map(({ items }) => items)).toEqual([20, 20, 20]);
  });
});
