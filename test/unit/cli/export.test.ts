import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Stop } from '../../../src/cli/io.js';
import { runProgram } from '../../../src/cli/program.js';
import { nodeDisk } from '../../../src/disk/node-disk.js';
import { columnsFor } from '../../../src/export/columns.js';
import { ParquetFile } from '../../../src/export/parquet-file.js';
import { withAppendFile } from '../../../src/lib/with-append-file.js';
import type { WireItem } from '../../../src/ports/index.js';
import { fakeIo } from '../../support/fake-io.js';
import { type SampleOptions, sampleItem, sampleItems, writeSampleArchive } from '../../support/sample-archive.js';

let cwd = '';
const database = await DuckDBInstance.create();

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'ttl-archive-export-'));
});

afterEach(() => rm(cwd, { recursive: true, force: true }));

const sample = (items: readonly WireItem[], more: Partial<SampleOptions> = {}) =>
  writeSampleArchive({ disk: nodeDisk, directory: join(cwd, 'temp'), items, ...more });

async function run(argv: readonly string[], signal?: AbortSignal) {
  const io = fakeIo({ cwd, ...(signal && { signal }) });
  const status = await runProgram(['export', '--parquet', 'x.parquet', ...argv], io);
  return { status, out: io.out(), err: io.err() };
}

/** What DuckDB reads; `$` stands for the file. */
async function query(sql: string) {
  const connection = await database.connect();
  try {
    return (await connection.runAndReadAll(sql.replace('$', `'${cwd}/x.parquet'`))).getRowObjectsJson();
  } finally {
    connection.closeSync();
  }
}

const LAYOUTS = [{ layout: 'files' }, { layout: 'segments' }, { layout: 'segments', compress: false }] as const;

describe('export', () => {
  it.each(LAYOUTS)('gives DuckDB every item of $layout (compress $compress) as it was archived', async (layout) => {
    const number = '-1.2345678901234567890123456789012345678E-100';
    const hostile = { S: 'a\u0000\u001b[2J\u202e"\\\n😀' };
    const items = [
      sampleItem(0, {
        PK: hostile,
        SK: { N: number },
        b: { B: 'AP8=' },
        set: { NS: ['1', '2.50'] },
        no: { NULL: true },
      }),
      sampleItem(1, { SK: { N: '1' } }),
    ];
    const entries = await sample(items, { ...layout, keys: ['PK', 'SK'] });
    expect(await run([])).toEqual({ status: 0, out: expect.stringMatching(/^x\.parquet: 2 items, /), err: '' });
    const rows = await query('SELECT * FROM $ ORDER BY sequence_number');
    expect(
      rows.map(({ item, keys }) => [item, keys].map((text) => (typeof text === 'string' ? JSON.parse(text) : text))),
    ).toEqual(items.map((item) => [item, { PK: item['PK'], SK: item['SK'] }]));
    expect(rows).toMatchObject([
      { key_PK: hostile.S, key_SK: number, event_id: 'event-0', provenance: 'ttl', ttl: 1795446313 },
      { key_PK: 'key-1', key_SK: '1', event_id: 'event-1', sequence_number: entries[1]?.SequenceNumber },
    ]);
    const times = await query(
      'SELECT epoch_ms(deleted_at) AS deleted, epoch_ms(expired_at) AS expired FROM $ ORDER BY 1',
    );
    expect(times).toEqual([
      { deleted: String(Date.UTC(2026, 10, 24)), expired: '1795446313000' },
      { deleted: String(Date.UTC(2026, 10, 24) + 1000), expired: '1795446313000' },
    ]);
    expect((await stat(join(cwd, 'x.parquet'))).mode & 0o777).toBe(0o600);
    expect(await readdir(cwd)).toEqual(['temp', 'x.parquet']);
  });

  it('has the types that are documented', async () => {
    await sample([{ PK: { B: 'AP8=' } }], { keys: ['PK'] });
    await run([]);
    const columns = await query(`SELECT column_name || ' ' || column_type AS text FROM (DESCRIBE SELECT * FROM $)`);
    expect(columns.map(({ text }) => text)).toEqual([
      'deleted_at TIMESTAMP',
      'expired_at TIMESTAMP',
      'ttl DOUBLE',
      'key_PK BLOB',
      'provenance VARCHAR',
      'event_id VARCHAR',
      'sequence_number VARCHAR',
      'keys VARCHAR',
      'item VARCHAR',
    ]);
    expect(await query(`SELECT hex("key_PK") AS bytes FROM $`)).toEqual([{ bytes: '00FF' }]);
  });

  it('writes only the items of a time, and a file without rows when there are none', async () => {
    await sample(sampleItems(12));
    await run(['--since', '2026-11-24T00:00:03', '--until', '2026-11-24T00:00:05']);
    expect(await query('SELECT "key_PK" AS key FROM $ ORDER BY deleted_at')).toEqual(
      [3, 4, 5].map((n) => ({ key: `key-${n}` })),
    );
    expect(await run(['--since', '2027-01-01', '--force'])).toMatchObject({
      status: 0,
      out: expect.stringMatching(/ 0 items/),
    });
    expect(await query('SELECT count(*) AS n FROM $')).toEqual([{ n: '0' }]);
  });

  it('writes row groups of a bounded size', async () => {
    const [entry] = await sample(sampleItems(1));
    if (entry === undefined) throw new Error('no items');
    await withAppendFile(nodeDisk, join(cwd, 'x.parquet'), async (content) => {
      const file = new ParquetFile(content, columnsFor(entry.Keys));
      for (let n = 0; n < 45_000; n++) await file.add({ entry: { ...entry, eventID: `${n}` }, text: '{}' });
      await file.finish();
    });
    expect(await query('SELECT count(*) AS n, count(DISTINCT event_id) AS ids FROM $')).toEqual([
      { n: '45000', ids: '45000' },
    ]);
    expect(await query('SELECT count(DISTINCT row_group_id) AS n FROM parquet_metadata($)')).toEqual([{ n: '3' }]);
  });

  it('has a row without an item for one that is altered, names it, and exits with 10', async () => {
    const [first] = await sample(sampleItems(3));
    await writeFile(join(cwd, 'temp', first?.file ?? ''), '{}\n');
    const { status, err } = await run([]);
    expect([status, err]).toEqual([10, expect.stringContaining(first?.file ?? '?')]);
    const rows = await query('SELECT item IS NULL AS gone FROM $ ORDER BY deleted_at');
    expect(rows).toEqual([{ gone: true }, { gone: false }, { gone: false }]);
  });

  it('replaces no file unless --force is given', async () => {
    await sample(sampleItems(1));
    await writeFile(join(cwd, 'x.parquet'), 'mine');
    expect(await run([])).toMatchObject({ status: 2, err: expect.stringMatching(/--force/) });
    expect((await stat(join(cwd, 'x.parquet'))).size).toBe(4);
    expect(await run(['--force'])).toMatchObject({ status: 0 });
  });

  it('leaves no file when it is interrupted', async () => {
    await sample(sampleItems(3));
    expect(await run([], AbortSignal.abort(new Stop('SIGINT')))).toMatchObject({ status: 130 });
    expect(await readdir(cwd)).toEqual(['temp']);
  });
});
