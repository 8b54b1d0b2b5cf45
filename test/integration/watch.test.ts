import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, it } from 'vitest';
import { systemClock } from '../../src/lib/system-clock.js';
import type { Clock, WireItem } from '../../src/ports/index.js';
import type { WatchOptions } from '../../src/watch/options.js';
import { watch } from '../../src/watch/watch.js';
import { readJournalLines, readSoundArchive, temporaryFolders } from '../support/archive-folder.js';
import { LOCALS } from '../support/dynamodb-local.js';
import { eventually } from '../support/eventually.js';
import { HOSTILE_KEYS } from '../support/hostile-keys.js';
import { createLocalTable, type LocalTable } from '../support/local-table.js';

const folder = temporaryFolders();

/**
 * An item with every attribute type that there is, and their edge cases, that TTL leaves alone; no empty map inside another value, which
 * DynamoDB Local itself loses in its stream: there `{"M":{}}` is `{}`.
 */
const EVERY_TYPE: WireItem = {
  PK: { S: 'every type' },
  ttl: { N: '4102444800' },
  string: { S: 'a "quoted"\n\u0000 line, \u{1f600}, \u2028' },
  emptyString: { S: '' },
  digits38: { N: '12345678901234567890123456789012345678' },
  beyondDoubles: { N: '-9007199254740993' },
  binary: { B: 'AP+AfwE=' },
  emptyBinary: { B: '' },
  yes: { BOOL: true },
  no: { BOOL: false },
  nothing: { NULL: true },
  map: { M: { deep: { M: { deeper: { L: [{ N: '1' }, { L: [] }] } } } } },
  list: { L: [{ S: '' }, { B: 'AA==' }, { NULL: true }, { SS: ['one'] }] },
  strings: { SS: ['a', 'b'] },
  numbers: { NS: ['-1', '2.5'] },
  binaries: { BS: ['AA==', 'AQ=='] },
};

describe.concurrent.each(LOCALS)('watch, on DynamoDB Local $version', ({ endpoint }) => {
  const connection = { endpointUrl: endpoint };
  // Deletions by hand come at once: nothing here waits for TTL.
  const archive = (table: LocalTable, out: string, more: Partial<WatchOptions> = {}) =>
    watch({ table: table.TableName, out, connection, deletions: 'all', once: true, ...more }).done;

  it('archives every attribute type as DynamoDB sent it', async ({ expect }) => {
    const table = await createLocalTable(endpoint, { ttlAttribute: 'ttl' });
    const out = await folder();
    await table.put(EVERY_TYPE);
    const stored = await table.get(EVERY_TYPE);
    await table.delete(EVERY_TYPE);
    expect(await archive(table, out)).toMatchObject({ archived: 1, gaps: [] });
    const { items, files } = await readSoundArchive(out);
    expect(items).toMatchObject([{ ttl: 4_102_444_800, Keys: { PK: { S: 'every type' } } }]);
    const sent = (await table.records()).at(-1)?.dynamodb.OldImage;
    expect([...files.values()]).toEqual([`${JSON.stringify(sent)}\n`]);
    expect(sent).toEqual(stored);
    expect(stored).toEqual(EVERY_TYPE);
  });

  it.for([
    { keys: { PK: 'S', SK: 'S' }, item: { PK: { S: 'a.b' }, SK: { S: '.' } } },
    { keys: { a: 'B', z: 'N' }, item: { a: { B: '/+8=' }, z: { N: '-1.5' } } },
    { keys: { PK: 'N' }, item: { PK: { N: '12345678901234567890123456789012345678' } } },
  ] as const)('archives items with the key $keys', async ({ keys, item }, { expect }) => {
    const table = await createLocalTable(endpoint, { keys });
    const out = await folder();
    await table.putAndDelete([item]);
    expect(await archive(table, out)).toMatchObject({ archived: 1 });
    const { items, files } = await readSoundArchive(out);
    expect(JSON.stringify(items[0]?.Keys)).toBe(JSON.stringify(item));
    expect([...files.values()].map((text) => JSON.parse(text))).toEqual([item]);
  });

  it('archives items of 300 KB', async ({ expect }) => {
    const table = await createLocalTable(endpoint);
    const out = await folder();
    const items = Array.from({ length: 8 }, (_, index) => ({
      PK: { S: `big-${index}` },
      payload: { S: String(index).repeat(300 * 1024) },
    }));
    for (const item of items) await table.put(item);
    for (const item of items) await table.delete(item);
    expect(await archive(table, out)).toMatchObject({ archived: 8, ignored: { insert: 8 } });
    const { files } = await readSoundArchive(out);
    expect(new Set(files.values())).toEqual(
      new Set((await table.records()).slice(8).map(({ dynamodb }) => `${JSON.stringify(dynamodb.OldImage)}\n`)),
    );
  });

  it('keeps items with the same ttl, and each version of a key that is deleted again', async ({ expect }) => {
    const table = await createLocalTable(endpoint, { ttlAttribute: 'ttl' });
    const out = await folder();
    const ttl = { N: '4102444800' };
    const versions = ['first', 'second'].map((version) => ({ PK: { S: 'again' }, ttl, version: { S: version } }));
    const other = { PK: { S: 'other' }, ttl };
    const items = [...versions, other, other];
    for (const item of items) {
      await table.put(item);
      await table.delete(item);
    }
    expect(await archive(table, out)).toMatchObject({ archived: 4 });
    const archived = await readSoundArchive(out);
    expect(archived.items.map(({ file }) => JSON.parse(archived.files.get(file) ?? ''))).toEqual(items);
  });

  it('gives items with hostile keys safe names inside the folder', async ({ expect }) => {
    const table = await createLocalTable(endpoint);
    const out = join(await folder(), 'a', 'b');
    const items = HOSTILE_KEYS.map((key) => ({ PK: { S: key } }));
    await table.putAndDelete(items);
    expect(await archive(table, out)).toMatchObject({ archived: items.length });
    const { files } = await readSoundArchive(out);
    for (const name of files.keys()) {
      expect(name).toMatch(/^[a-z0-9][a-z0-9._-]*\.json$/);
      expect(name.length).toBeLessThanOrEqual(200);
    }
    expect([...files.values()].map((text) => JSON.parse(text))).toEqual(expect.arrayContaining(items));
  });

  it('archives nothing twice and misses nothing when it is stopped in the middle and started again', async ({
    expect,
  }) => {
    const table = await createLocalTable(endpoint);
    const out = await folder();
    const items = Array.from({ length: 300 }, (_, index) => ({ PK: { S: `item-${index}` } }));
    const stop = new AbortController();
    const stopped = archive(table, out, { once: false, signal: stop.signal, onArchived: () => stop.abort() });
    await table.putAndDelete(items.slice(0, 100));
    await eventually(async () => stop.signal.aborted);
    // It may still be busy with the page in hand.
    await table.putAndDelete(items.slice(100));
    const first = await stopped;
    expect(first.archived).toBeGreaterThan(0);
    expect(first.archived).toBeLessThan(300);
    const second = await archive(table, out);
    expect(first.archived + second.archived).toBe(300);
    expect(await archive(table, out)).toMatchObject({ archived: 0, records: 0, gaps: [] });
    const archived = (await readSoundArchive(out)).items.map(({ eventID }) => eventID);
    const removed = (await table.records()).filter(({ eventName }) => eventName === 'REMOVE');
    expect(archived).toEqual(removed.map(({ eventID }) => eventID));
  });

  it('drains a stream that is disabled and follows the one that is enabled after it', async ({ expect }) => {
    const table = await createLocalTable(endpoint);
    const out = await folder();
    const stop = new AbortController();
    const archived: unknown[] = [];
    const hasty: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / 20, signal) };
    const watching = watch(
      {
        table: table.TableName,
        out,
        connection,
        deletions: 'all',
        signal: stop.signal,
        onArchived: (items) => archived.push(...items.map(({ Keys }) => Keys['PK']?.['S'])),
      },
      { clock: hasty },
    );
    try {
      await table.putAndDelete([{ PK: { S: 'before' } }]);
      await eventually(async () => archived.length === 1);
      await table.putAndDelete([{ PK: { S: 'just before' } }]);
      const old = await table.latestStream();
      await table.setStream(false);
      await eventually(async () => watching.progress().shards.open === 0);
      await table.setStream(true);
      const next = await table.latestStream();
      expect(next).not.toBe(old);
      await table.putAndDelete([{ PK: { S: 'after' } }]);
      await eventually(async () => archived.length === 3);
      stop.abort();
      expect(await watching.done).toMatchObject({ gaps: [], stream: next });
      expect(archived).toEqual(['before', 'just before', 'after']);
      const checkpoints = (await readSoundArchive(out)).lines.filter((line) => line.type === 'checkpoint');
      expect(checkpoints.findLast(({ stream }) => stream === old)).toMatchObject({ position: 'SHARD_END' });
    } finally {
      stop.abort();
      await watching.done.catch(() => undefined);
    }
  });

  it('drains the old stream first when it was replaced while no watch ran', async ({ expect }) => {
    const table = await createLocalTable(endpoint);
    const out = await folder();
    await table.putAndDelete([{ PK: { S: 'seen' } }]);
    await archive(table, out);
    await table.putAndDelete([{ PK: { S: 'unseen' } }]);
    await table.setStream(false);
    await table.setStream(true);
    await table.putAndDelete([{ PK: { S: 'new' } }]);
    expect(await archive(table, out)).toMatchObject({ archived: 2, gaps: [] });
    const { items } = await readSoundArchive(out);
    expect(items.map(({ Keys }) => Keys['PK']?.['S'])).toEqual(['seen', 'unseen', 'new']);
  });

  it('reads the streams that came and went while no watch ran', async ({ expect }) => {
    const table = await createLocalTable(endpoint);
    const out = await folder();
    await table.putAndDelete([{ PK: { S: 'seen' } }]);
    await archive(table, out);
    for (const key of ['unseen', 'between', 'between too']) {
      await table.putAndDelete([{ PK: { S: key } }]);
      await table.setStream(false);
      await table.setStream(true);
    }
    await table.putAndDelete([{ PK: { S: 'new' } }]);
    expect(await archive(table, out)).toMatchObject({ archived: 4, gaps: [], stream: await table.latestStream() });
    const { items } = await readSoundArchive(out);
    expect(items.map(({ Keys }) => Keys['PK']?.['S'])).toEqual(['seen', 'unseen', 'between', 'between too', 'new']);
  });

  it('reads what the stream of a deleted table still holds', async ({ expect }) => {
    const table = await createLocalTable(endpoint);
    const out = await folder();
    await table.putAndDelete([{ PK: { S: 'seen' } }]);
    await archive(table, out);
    await table.putAndDelete([{ PK: { S: 'unseen' } }]);
    await table.drop();
    expect(await archive(table, out)).toMatchObject({ archived: 1, gaps: [] });
    const { items } = await readSoundArchive(out);
    expect(items.map(({ Keys }) => Keys['PK']?.['S'])).toEqual(['seen', 'unseen']);
    await expect(archive(table, out)).rejects.toMatchObject({ code: 'TABLE_NOT_FOUND' });
  });

  it('writes whole records when the format is record', async ({ expect }) => {
    const table = await createLocalTable(endpoint);
    const out = await folder();
    await table.putAndDelete([EVERY_TYPE]);
    await archive(table, out, { format: 'record' });
    const { files } = await readSoundArchive(out);
    expect([...files.values()]).toEqual([`${JSON.stringify((await table.records()).at(-1))}\n`]);
  });

  it.for(['gzip', 'none'] as const)(
    'writes segments with a line an item, compress: %s',
    async (compress, { expect }) => {
      const table = await createLocalTable(endpoint);
      const out = await folder();
      const items = Array.from({ length: 60 }, (_, index) => ({ PK: { S: `item-${index}` } }));
      for (const half of [items.slice(0, 30), items.slice(30)]) {
        await table.putAndDelete(half);
        await archive(table, out, { layout: 'segments', compress });
      }
      const entries = (await readJournalLines(out)).filter((line) => line.type === 'item');
      expect(entries).toHaveLength(items.length);
      let text = '';
      for (const name of new Set(entries.map(({ file }) => file))) {
        expect(name).toMatch(/^year=\d{4}\/month=\d\d\/day=\d\d\/hour=\d\d\/[^/]+\.json(\.gz)?$/);
        const bytes = await readFile(join(out, name));
        text += (compress === 'gzip' ? gunzipSync(bytes) : bytes).toString();
      }
      expect(text).toBe(items.map((Item) => `${JSON.stringify({ Item })}\n`).join(''));
    },
  );
});
