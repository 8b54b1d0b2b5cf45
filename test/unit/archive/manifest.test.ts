import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { manifestEntries } from '../../../src/archive/decode-manifest.js';
import { manifestOf } from '../../../src/archive/layout.js';
import { encodeManifest } from '../../../src/archive/manifest.js';
import type { ItemEntry } from '../../../src/ports/index.js';
import { archivedItems } from '../../support/archived-items.js';

const FILE = 'year=2026/month=11/day=23/hour=12/a.json.gz';
const KEY = manifestOf(FILE);
const ENTRIES: ItemEntry[] = archivedItems(3).map(({ record }, line) => ({
  ...record,
  file: FILE,
  sha256: 'ab',
  size: 7,
  offset: 0,
  line,
}));

async function read(content: Buffer, key = KEY): Promise<ItemEntry[]> {
  const entries: ItemEntry[] = [];
  for await (const entry of manifestEntries(content, key)) entries.push(entry);
  return entries;
}

/** The manifest with its lines changed. */
async function changed(change: (lines: string[]) => string[]): Promise<Buffer> {
  const lines = gunzipSync(await encodeManifest({ table: 'Orders', file: FILE }, ENTRIES))
    .toString()
    .split('\n');
  return gzipSync(
    change(lines.slice(0, -1))
      .map((line) => `${line}\n`)
      .join(''),
  );
}

describe('manifestEntries', () => {
  it('gives what encodeManifest was given', async () => {
    const [first, ...others] = ENTRIES;
    if (first === undefined) throw new Error('no entries');
    const entries = [{ ...first, ShardId: '' }, ...others];
    expect(await read(await encodeManifest({ table: 'Orders', file: FILE }, entries))).toEqual(entries);
  });

  it('reads members that it does not know over', async () => {
    const newer = await changed((lines) => lines.map((line) => line.replace('{', '{"newer":1,')));
    expect(await read(newer)).toMatchObject(ENTRIES);
  });

  it.each<[what: string, change: (lines: string[]) => string[], says: string]>([
    ['an entry is missing', (lines) => lines.slice(0, -1), 'does not end where it should'],
    ['everything is missing', () => [], 'does not end where it should'],
    ['there is no header', (lines) => lines.slice(1), 'does not begin with a header'],
    [
      'it is of another version',
      ([head = '', ...rest]) => [head.replace('"version":1', '"version":2'), ...rest],
      'version 2',
    ],
    [
      'it is of another data object',
      ([head = '', ...rest]) => [head.replace('a.json', 'b.json'), ...rest],
      'not its own',
    ],
    ['a line is not JSON', (lines) => [...lines.slice(0, -1), '{'], 'not valid JSON'],
    ['a line is no entry', (lines) => [...lines.slice(0, -1), '{"type":"item"}'], 'no item line'],
    ['a line is of another type', (lines) => [...lines, '{"type":"newer"}'], 'no item line'],
  ])('says so when %s', async (_, change, says) => {
    await expect(read(await changed(change))).rejects.toMatchObject({
      code: 'JOURNAL',
      message: expect.stringContaining(says),
    });
  });

  it.each([
    ['cut', (whole: Buffer) => whole.subarray(0, -9)],
    ['no gzip', () => Buffer.from('{"type":"manifest"}\n')],
    ['altered', (whole: Buffer) => Buffer.concat([whole.subarray(0, -5), Buffer.alloc(5)])],
  ])('says so when it is %s', async (_, damage) => {
    const whole = await encodeManifest({ table: 'Orders', file: FILE }, ENTRIES);
    await expect(read(damage(whole))).rejects.toMatchObject({ code: 'JOURNAL' });
  });

  it('refuses a data object outside the archive', async () => {
    const key = manifestOf('../a.json.gz');
    const manifest = await encodeManifest({ table: 'Orders', file: '../a.json.gz' }, []);
    await expect(read(manifest, key)).rejects.toMatchObject({ code: 'JOURNAL' });
  });
});
