import { describe, expect, it } from 'vitest';
import { withoutAttribute } from '../../../src/archive/item-text.js';
import { TtlArchiveError } from '../../../src/errors.js';
import type { WireItem } from '../../../src/ports/index.js';
import { externalSource, journalSource, type Selection, type Source } from '../../../src/restore/candidates.js';
import type { Decoded } from '../../../src/restore/decode-item.js';
import { createEntryReader } from '../../../src/restore/entry-reader.js';
import { restoreItems } from '../../../src/restore/restore.js';
import type { FailedItem } from '../../../src/restore/restore-counts.js';
import type { RestoreInput, RestoreSource } from '../../../src/restore/restore-input.js';
import { MemoryDisk } from '../../support/memory-disk.js';
import { memoryTables } from '../../support/memory-tables.js';
import {
  journalOf,
  SAMPLE_SEGMENT,
  SAMPLE_START,
  type SampleOptions,
  sampleItem,
  sampleItems,
  write,
  writeSampleArchive,
} from '../../support/sample-archive.js';
import { SIMULATED_START, simulatedClock } from '../../support/simulated-clock.js';
import { seededRandom } from '../../support/streams-server.js';

const DIRECTORY = '/archive';
const LAYOUTS = (['item', 'record'] as const).flatMap((format) => [
  { format, layout: 'files' as const },
  { format, layout: 'segments' as const, compress: true },
  { format, layout: 'segments' as const, compress: false },
  { format, layout: 'segments' as const, closed: false },
]);

async function newTable() {
  const tables = memoryTables({ transientCalls: 0 });
  const keySchema = [{ name: 'PK', keyType: 'HASH', type: 'S' }] as const;
  await tables.createTable({ TableName: 'T', keySchema, viewType: 'OLD_IMAGE' });
  return {
    tables,
    table: { TableName: 'T', keySchema },
    items: () => [...(tables.byName.get('T')?.items.values() ?? [])],
  };
}

type Target = Awaited<ReturnType<typeof newTable>>;

async function archiveOf(options: Partial<SampleOptions> & { items: readonly WireItem[] }): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  await writeSampleArchive({ disk, directory: DIRECTORY, pageSize: 4, ...options });
  return disk;
}

function fromArchive(disk: MemoryDisk, selection: Selection) {
  const read = createEntryReader({ disk, directory: DIRECTORY });
  return journalSource({ journal: journalOf(disk, DIRECTORY), read, keyNames: ['PK'] }, selection);
}

async function restore(
  target: Target,
  { source, versions = 'newest', ...input }: Partial<RestoreInput> & Partial<RestoreSource>,
) {
  const failed: FailedItem[] = [];
  const clock = simulatedClock();
  const counts = await clock.runUntil(
    restoreItems({
      client: target.tables,
      table: target.table,
      sources: source === undefined ? [] : [{ source, versions }],
      ttl: { rule: 'drop', attribute: 'ttl' },
      overwrite: false,
      dryRun: false,
      clock,
      random: () => 0.5,
      onFailed: async (item) => void failed.push(item),
      ...input,
    }),
  );
  return { ...counts, failures: failed, elapsed: clock.now() - SIMULATED_START };
}

const withoutTtl = (item: WireItem) => withoutAttribute(item, 'ttl');
const versionsOf = (count: number): WireItem[] =>
  Array.from({ length: count }, (_, version) => sampleItem(1, { version: { N: String(version) } }));

describe('restoreItems', () => {
  it.each(LAYOUTS)('restores items from $layout of $format (compress $compress, closed $closed)', async (options) => {
    const items = sampleItems(30);
    const disk = await archiveOf({ items, ...options });
    const target = await newTable();
    const source = await fromArchive(disk, { versions: 'newest' });
    expect(source.count).toBe(30);
    expect(await restore(target, { source })).toMatchObject({ restored: 30, skipped: 0, failed: 0 });
    expect(new Set(target.items())).toEqual(new Set(items.map(withoutTtl)));
  });

  it('puts the newest version of a key only', async () => {
    const disk = await archiveOf({ items: [...versionsOf(7), sampleItem(2)] });
    const target = await newTable();
    const source = await fromArchive(disk, { versions: 'newest' });
    expect(await restore(target, { source })).toMatchObject({ restored: 2 });
    expect(target.items().map(({ version }) => version)).toEqual([{ N: '6' }, undefined]);
  });

  it('never replaces an item in the table', async () => {
    const disk = await archiveOf({ items: sampleItems(3) });
    const target = await newTable();
    const alive = { PK: { S: 'key-1' }, alive: { BOOL: true } };
    await target.tables.putItem({ TableName: 'T', item: alive });
    const source = await fromArchive(disk, { versions: 'newest' });
    expect(await restore(target, { source })).toMatchObject({ restored: 2, skipped: 1, failed: 0 });
    expect(target.items()).toContainEqual(alive);
    expect(await restore(target, { source, overwrite: true })).toMatchObject({ restored: 3, skipped: 0 });
    expect(target.items()).not.toContainEqual(alive);
  });

  it('selects items that were deleted in a time window, and the newest version in it', async () => {
    const disk = await archiveOf({ items: versionsOf(10) });
    const target = await newTable();
    const [since, until] = [SAMPLE_START + 2000, SAMPLE_START + 5000];
    const source = await fromArchive(disk, { versions: 'newest', since, until });
    expect(await restore(target, { source })).toMatchObject({ restored: 1 });
    expect(target.items()[0]?.['version']).toEqual({ N: '5' });
    expect((await fromArchive(disk, { versions: 'all', since, until })).count).toBe(4);
  });

  it('selects one key, or the named files', async () => {
    const disk = await archiveOf({ items: sampleItems(5) });
    const byKey = await fromArchive(disk, { versions: 'newest', key: [{ PK: { S: 'key-3' } }] });
    expect(byKey.count).toBe(1);
    const files = new Set(['1795446313-key-000000000000000000002-abcdef0123456789.json', 'other.json']);
    const byFile = await fromArchive(disk, { versions: 'newest', files });
    const target = await newTable();
    await restore(target, { source: byFile });
    expect(target.items().map(({ PK }) => PK)).toEqual([{ S: 'key-2' }]);
    expect([...byFile.found]).toEqual([...files].slice(0, 1));
  });

  it.each([
    { rule: 'drop' as const, ttl: undefined },
    { rule: 'keep' as const, ttl: { N: '1795446313' } },
    { rule: 90_500, ttl: { N: String(SIMULATED_START / 1000 + 91) } },
  ])('treats the TTL attribute by the rule $rule', async ({ rule, ttl }) => {
    const disk = await archiveOf({ items: sampleItems(1) });
    const target = await newTable();
    const source = await fromArchive(disk, { versions: 'newest' });
    await restore(target, { source, ttl: { rule, attribute: 'ttl' } });
    expect(target.items()[0]?.['ttl']).toEqual(ttl);
    expect(target.items()[0]?.['payload']).toEqual(sampleItem(0)['payload']);
  });

  it('puts nothing in a dry run, but finds damage', async () => {
    const disk = await archiveOf({ items: sampleItems(3) });
    await write(
      disk,
      `${DIRECTORY}/1795446313-key-000000000000000000002-abcdef0123456789.json`,
      '{"PK":{"S":"evil"}}\n',
    );
    const target = await newTable();
    const source = await fromArchive(disk, { versions: 'newest' });
    expect(await restore(target, { source, dryRun: true })).toMatchObject({ restored: 2, failed: 1 });
    expect(target.items()).toEqual([]);
  });

  it.each(LAYOUTS)('never restores altered bytes of $layout of $format (compress $compress)', async (options) => {
    const disk = await archiveOf({ items: sampleItems(1), ...options });
    const extension = options.compress === false ? 'json' : 'json.gz';
    const path =
      options.layout === 'files'
        ? `${DIRECTORY}/1795446313-key-000000000000000000000-abcdef0123456789.json`
        : options.closed === false
          ? `${DIRECTORY}/.ttl-archive/open/sample-0.json.gz.open`
          : `${DIRECTORY}/${SAMPLE_SEGMENT}.${extension}`;
    const bytes = Buffer.from((await disk.read(path, 1 << 20)) ?? []);
    bytes[60] = (bytes[60] ?? 0) ^ 1;
    await write(disk, path, bytes);
    const target = await newTable();
    const { failed, failures } = await restore(target, { source: await fromArchive(disk, { versions: 'newest' }) });
    expect(failed).toBe(1);
    expect(failures[0]?.reason).toMatch(/missing or altered/);
    expect(target.items()).toEqual([]);
  });

  it('continues when one item fails for a reason of its own', async () => {
    const disk = await archiveOf({ items: sampleItems(5) });
    const target = await newTable();
    const client = {
      ...target.tables,
      putItem: async (input: Parameters<typeof target.tables.putItem>[0]) => {
        if (input.item['PK']?.['S'] === 'key-2') throw new TtlArchiveError('VALIDATION', 'Too large.');
        await target.tables.putItem(input);
      },
    };
    const source = await fromArchive(disk, { versions: 'newest' });
    const { restored, failures } = await restore(target, { source, client });
    expect(restored).toBe(4);
    expect(failures).toEqual([{ item: sampleItem(2), where: expect.stringMatching(/json$/), reason: 'Too large.' }]);
  });

  it.each(['ACCESS_DENIED', 'TABLE_NOT_FOUND', 'UNREACHABLE'] as const)('throws %s', async (code) => {
    const disk = await archiveOf({ items: sampleItems(40) });
    const target = await newTable();
    let calls = 0;
    const client = {
      ...target.tables,
      putItem: async () => {
        calls++;
        throw new TtlArchiveError(code, 'No.');
      },
    };
    const source = await fromArchive(disk, { versions: 'newest' });
    await expect(restore(target, { source, client, concurrency: 4 })).rejects.toMatchObject({ code });
    expect(calls).toBeLessThan(10);
  });

  it('retries after throttling, and counts an item as restored when only the response was lost', async () => {
    const disk = await archiveOf({ items: sampleItems(1) });
    const target = await newTable();
    let attempts = 0;
    const client = {
      ...target.tables,
      putItem: async (input: Parameters<typeof target.tables.putItem>[0]) => {
        attempts++;
        if (attempts === 1) throw new TtlArchiveError('THROTTLED', 'Slower.');
        await target.tables.putItem(input);
        if (attempts === 2) throw new TtlArchiveError('NETWORK', 'The answer was lost.');
      },
    };
    const source = await fromArchive(disk, { versions: 'newest' });
    expect(await restore(target, { source, client })).toMatchObject({ restored: 1, skipped: 0 });
    expect(attempts).toBe(3);
  });

  it('throws when the endpoint does not respond', async () => {
    const disk = await archiveOf({ items: sampleItems(1) });
    const target = await newTable();
    const client = {
      ...target.tables,
      putItem: async () => {
        throw new TtlArchiveError('NETWORK', 'Nobody answers.');
      },
    };
    const source = await fromArchive(disk, { versions: 'newest' });
    await expect(restore(target, { source, client })).rejects.toMatchObject({ code: 'NETWORK' });
  });

  it('puts at most `rate` items a second', async () => {
    const disk = await archiveOf({ items: sampleItems(21) });
    const source = await fromArchive(disk, { versions: 'newest' });
    const { elapsed } = await restore(await newTable(), { source, rate: 4 });
    expect(elapsed).toBe(5000);
  });

  it('stops when the signal aborts', async () => {
    const disk = await archiveOf({ items: sampleItems(9) });
    const target = await newTable();
    const source = await fromArchive(disk, { versions: 'newest' });
    const stop = new AbortController();
    const onProgress = () => stop.abort(new Error('stop'));
    await expect(restore(target, { source, signal: stop.signal, onProgress, concurrency: 1 })).rejects.toThrow('stop');
    expect(target.items().length).toBeLessThan(4);
  });

  it('fails an item that has another key than the table', async () => {
    const disk = await archiveOf({ items: sampleItems(1) });
    const target = await newTable();
    const table = { TableName: 'T', keySchema: [{ name: 'PK', keyType: 'HASH', type: 'N' }] } as const;
    const { failures } = await restore(target, { table, source: await fromArchive(disk, { versions: 'newest' }) });
    expect(failures[0]?.reason).toBe('its key attribute PK is not of type N');
  });
});

describe('restoreItems with all versions', () => {
  const versions = 'all' as const;

  it('puts them in order when puts are concurrent', async () => {
    const disk = await archiveOf({ items: versionsOf(12) });
    const target = await newTable();
    const seen: unknown[] = [];
    const client = {
      ...target.tables,
      putItem: async (input: Parameters<typeof target.tables.putItem>[0]) => {
        // The older a version is, the longer its put takes.
        for (let turn = seen.length; turn < 12; turn++) await Promise.resolve();
        await target.tables.putItem(input);
        seen.push(input.item['version']?.['N']);
      },
    };
    const source = await fromArchive(disk, { versions });
    expect(await restore(target, { source, versions, client })).toMatchObject({ restored: 12, skipped: 0 });
    expect(seen).toEqual(Array.from({ length: 12 }, (_, version) => String(version)));
  });

  it('puts them in order when reads take different times', async () => {
    const random = seededRandom(7);
    for (let round = 0; round < 50; round++) {
      const target = await newTable();
      const source: Source = {
        candidates: async function* () {
          for (const item of versionsOf(6)) {
            const turns = Math.floor(random() * 20);
            const load = async () => {
              for (let turn = 0; turn < turns; turn++) await Promise.resolve();
              return { item };
            };
            yield { where: 'x', key: '[["PK",{"S":"key-1"}]]', load };
          }
        },
      };
      await restore(target, { source, versions });
      expect(target.items()[0]?.['version']).toEqual({ N: '5' });
    }
  });

  it('does not replace an item that another program has put', async () => {
    const disk = await archiveOf({ items: versionsOf(3) });
    const target = await newTable();
    const alive = { PK: { S: 'key-1' }, alive: { BOOL: true } };
    await target.tables.putItem({ TableName: 'T', item: alive });
    const source = await fromArchive(disk, { versions });
    expect(await restore(target, { source, versions })).toMatchObject({ restored: 0, skipped: 3 });
    expect(target.items()).toEqual([alive]);
  });

  it.each([1, 2, 3, 4, 5])('ends in the same state after an interruption at put %d', async (stopAt) => {
    const disk = await archiveOf({ items: versionsOf(5) });
    const target = await newTable();
    let puts = 0;
    const stop = new AbortController();
    const onProgress = () => {
      if (++puts === stopAt) stop.abort(new Error('stop'));
    };
    const source = await fromArchive(disk, { versions });
    const first = restore(target, { source, versions, onProgress, signal: stop.signal, concurrency: 1 });
    await first.catch(() => undefined);
    expect(stop.signal.aborted).toBe(true);
    await restore(target, { source, versions, ttl: { rule: 60_000, attribute: 'ttl' } });
    expect(target.items()).toHaveLength(1);
    expect(target.items()[0]?.['version']).toEqual({ N: '4' });
  });
});

describe('externalSource', () => {
  const items = [...versionsOf(2), sampleItem(7)].map((item, index) => ({ where: `x:${index}`, decoded: { item } }));
  const again = async function* () {
    yield* items;
  };

  it('selects the last of several versions, and one key', async () => {
    const target = await newTable();
    await restore(target, { source: await externalSource(again, { keyNames: ['PK'], versions: 'newest' }) });
    expect(target.items().map(({ version }) => version)).toEqual([{ N: '1' }, undefined]);
    const other = await newTable();
    const key = [{ PK: { S: 'key-7' } }];
    await restore(other, { source: await externalSource(again, { keyNames: ['PK'], versions: 'newest', key }) });
    expect(other.items().map(({ PK }) => PK)).toEqual([{ S: 'key-7' }]);
  });
});

describe('restoreItems of several sources', () => {
  const deletedAt = (at: number, SequenceNumber: string, version: string) => ({
    where: `x:${version}`,
    decoded: { item: sampleItem(1, { version: { N: version } }), deleted: { at, SequenceNumber } },
  });
  const sourceOf = (...found: { where: string; decoded: Decoded }[]) =>
    externalSource(
      async function* () {
        yield* found;
      },
      { keyNames: ['PK'], versions: 'newest' },
    );

  it.each([
    ['the later deletion', [deletedAt(2000, '1', 'new')], [deletedAt(1000, '9', 'old')]],
    ['the higher SequenceNumber at the same time', [deletedAt(1000, '10', 'new')], [deletedAt(1000, '9', 'old')]],
  ])('ends with %s, in any order', async (_, newer, older) => {
    for (const sources of [
      [newer, older],
      [older, newer],
    ]) {
      const target = await newTable();
      const made = await Promise.all(
        sources.map(async (found) => ({ source: await sourceOf(...found), versions: 'newest' as const })),
      );
      await restore(target, { sources: made });
      expect(target.items()[0]?.['version']).toEqual({ N: 'new' });
    }
    const target = await newTable();
    await restore(target, { source: await sourceOf(...newer, ...older) });
    expect(target.items()[0]?.['version']).toEqual({ N: 'new' });
  });
});

describe('restoreItems into a table with another key', () => {
  const strangers = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      where: `x:${index}`,
      decoded: { item: { other: { S: `${index}` } } },
    }));
  const sourceOf = (found: { where: string; decoded: Decoded }[]) =>
    externalSource(
      async function* () {
        yield* found;
      },
      { keyNames: ['PK'], versions: 'newest' },
    );

  it('throws one error, not one for each item, and puts nothing', async () => {
    const target = await newTable();
    const failed: FailedItem[] = [];
    const source = await sourceOf(strangers(5000));
    const restoring = restore(target, { source, onFailed: async (item) => void failed.push(item) });
    await expect(restoring).rejects.toMatchObject({ code: 'TABLE', message: expect.stringContaining('PK:S') });
    expect(failed).toEqual([]);
    expect(target.tables.changes).not.toContain('putItem');
  });

  it('fails single items when others have the key', async () => {
    const target = await newTable();
    const source = await sourceOf([
      ...strangers(19),
      { where: 'y', decoded: { item: sampleItem(1) } },
      ...strangers(30),
    ]);
    expect(await restore(target, { source, concurrency: 1 })).toMatchObject({ restored: 1, failed: 49 });
  });
});

describe('restoreItems with dryRun', () => {
  it('counts items in the table, and changes nothing', async () => {
    const disk = await archiveOf({ items: sampleItems(5) });
    const target = await newTable();
    await target.tables.putItem({ TableName: 'T', item: sampleItem(2) });
    const before = target.items();
    const source = await fromArchive(disk, { versions: 'newest' });
    expect(await restore(target, { source, dryRun: true })).toMatchObject({ restored: 4, skipped: 1, failed: 0 });
    expect(target.items()).toEqual(before);
  });

  it('counts items that TTL would delete again', async () => {
    const items = [1, 2, 3, 4, 5].map((number) => sampleItem(number, { ttl: { N: '1795000000' } }));
    const disk = await archiveOf({ items });
    const target = await newTable();
    const source = await fromArchive(disk, { versions: 'newest' });
    const keep = { rule: 'keep', attribute: 'ttl' } as const;
    expect(await restore(target, { source, dryRun: true, ttl: keep })).toMatchObject({ expired: 5 });
    expect(await restore(target, { source, dryRun: true })).toMatchObject({ expired: 0 });
  });
});
