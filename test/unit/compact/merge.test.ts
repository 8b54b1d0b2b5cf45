import { hash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { MAX_ITEMS, Merge, type Source, TARGET } from '../../../src/compact/merge.js';
import { isLarge, readSource } from '../../../src/compact/read-source.js';
import { archivedItems } from '../../support/archived-items.js';
import { dataIn, smallObjects } from '../../support/small-objects.js';

const FOLDER = 'year=2026/month=11/day=23/hour=12';

function source(name: string, texts: readonly string[], more: Partial<Source> = {}): Source {
  const file = `${FOLDER}/${name}.json.gz`;
  const lines = texts.map((text, line) => ({
    bytes: Buffer.from(text),
    entry: {
      ...(archivedItems(1)[0]?.record ?? {
        eventID: '',
        ShardId: '',
        SequenceNumber: '',
        Keys: {},
        deletedAt: '',
        provenance: 'ttl' as const,
      }),
      eventID: `${name}-${line}`,
      file,
      sha256: hash('sha256', text),
      size: text.length,
    },
  }));
  return { table: 'Orders', file, size: 100, lines, ...more };
}

describe('Merge', () => {
  it('takes no more than the size and the items of a merged object, and of one table', async () => {
    const merge = new Merge();
    const many = (count: number) =>
      source('x', ['']).lines.flatMap((line) => Array.from({ length: count }, () => line));
    expect(merge.takes(source('a', ['1'], { size: 2 * TARGET }))).toBe(true);
    await merge.add(source('a', ['1'], { size: TARGET - 10 }));
    expect(merge.takes(source('b', ['2'], { size: 10 }))).toBe(true);
    expect(merge.takes(source('b', ['2'], { size: 11 }))).toBe(false);
    expect(merge.takes(source('b', ['2'], { size: 1, table: 'Carts' }))).toBe(false);
    expect(merge.takes(source('b', [], { size: 1, lines: many(MAX_ITEMS - 1) }))).toBe(true);
    expect(merge.takes(source('b', [], { size: 1, lines: many(MAX_ITEMS) }))).toBe(false);
  });

  it('writes members of about a megabyte of text, each of which can be read for itself', async () => {
    const merge = new Merge();
    const texts = Array.from({ length: 9 }, (_, number) => `${number}`.repeat(300_000));
    await merge.add(source('a', texts.slice(0, 5)));
    await merge.add(source('b', texts.slice(5)));
    const { data, manifest } = await merge.finish();
    const [header, ...entries] = gunzipSync(manifest)
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(header).toMatchObject({ items: 9, merged: [`${FOLDER}/a.json.gz`, `${FOLDER}/b.json.gz`] });
    expect(entries.map(({ line }) => line)).toEqual([0, 1, 2, 3, 0, 1, 2, 3, 0]);
    for (const [index, { offset, line }] of entries.entries()) {
      expect(gunzipSync(data.subarray(offset)).toString().split('\n')[line]).toBe(texts[index]);
    }
  });
});

describe('isLarge', () => {
  it('leaves alone what is half as large as a merged object may be', async () => {
    const listed = { file: `${FOLDER}/a.json.gz`, size: TARGET / 2, manifestSize: 1 };
    expect(isLarge(listed)).toBe(false);
    expect(isLarge({ ...listed, size: TARGET / 2 + 1 })).toBe(true);
  });

  it('leaves alone what has half as many items', async () => {
    const objects = await smallObjects([[0, MAX_ITEMS / 2 + 1]]);
    const [file = ''] = dataIn(objects);
    const stored = (key: string) => objects.get(key) ?? Buffer.alloc(0);
    const manifest = stored(`.ttl-archive/manifests/${file.replace('.json.gz', '.ndjson.gz')}`);
    expect(await readSource(file, { manifest, data: stored(file) })).toBeUndefined();
  });
});
