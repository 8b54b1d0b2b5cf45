import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { manifestEntries } from '../../../src/archive/decode-manifest.js';
import { encodeManifest } from '../../../src/archive/manifest.js';
import { type CompactOptions, compactArchive } from '../../../src/compact/compact.js';
import { type Damage, newTotals } from '../../../src/compact/context.js';
import type { ObjectStorage } from '../../../src/ports/index.js';
import { DELETED_AT } from '../../support/change-record.js';
import { memoryStorage, type StorageFault } from '../../support/memory-storage.js';
import { contentOf, dataIn, SETTLED_AT, smallObjects } from '../../support/small-objects.js';

const manifestOf = (file: string) => `.ttl-archive/manifests/${file.replace('.json.gz', '.ndjson.gz')}`;

async function compact(
  storage: ObjectStorage,
  { now = SETTLED_AT, ...options }: CompactOptions & { now?: number } = {},
) {
  const totals = newTotals();
  const damages: Damage[] = [];
  const context = {
    storage,
    totals,
    onDamage: (damage: Damage) => void damages.push(damage),
    clock: { now: () => now },
    signal: new AbortController().signal,
  };
  await compactArchive(context, options);
  return { ...totals, damages };
}

class Killed extends Error {}

/** The process ends at its `call`-th call, before or after it has its effect; nothing comes after it. */
function killedAt(call: number, isDone: boolean): StorageFault {
  let calls = 0;
  return (_, done) => {
    if (!done) calls++;
    if (calls > call || (calls === call && done === isDone)) throw new Killed();
  };
}

describe('compactArchive', () => {
  it('merges the objects of an hour into one, with every item once and its bytes unchanged', async () => {
    // The second and the third overlap, as batches that Lambda has cut anew.
    const objects = await smallObjects([
      [0, 3],
      [3, 4],
      [5, 4],
      [9, 1],
    ]);
    const before = contentOf(objects);
    const outcome = await compact(memoryStorage(objects));
    expect(contentOf(objects)).toEqual(before);
    const [file = ''] = dataIn(objects);
    expect(objects.size).toBe(2);
    expect(
      gunzipSync(objects.get(file) ?? '')
        .toString()
        .match(/\n/g),
    ).toHaveLength(10);
    expect(outcome).toMatchObject({ hours: 1, merged: { objects: 4 }, written: { objects: 1 }, damages: [] });
    expect(outcome.written.bytes).toBe(objects.get(dataIn(objects)[0] ?? '')?.length);
  });

  it('changes nothing when there is nothing to merge', async () => {
    const objects = await smallObjects([
      [0, 3],
      [3, 3],
    ]);
    await smallObjects([[6, 2]], DELETED_AT - 3600, objects);
    await compact(memoryStorage(objects));
    const writes: string[] = [];
    const outcome = await compact(
      memoryStorage(objects, ({ operation, key }) => {
        if (operation !== 'list' && operation !== 'read') writes.push(`${operation} ${key}`);
      }),
    );
    expect(writes).toEqual([]);
    expect(outcome).toMatchObject({ hours: 0, written: { objects: 0 } });
  });

  it('leaves an hour alone until 48 hours after its end', async () => {
    const objects = await smallObjects([
      [0, 3],
      [3, 3],
    ]);
    const settled = (DELETED_AT + 49 * 3600) * 1000;
    expect(await compact(memoryStorage(objects), { now: settled - 1 })).toMatchObject({ hours: 0 });
    expect(await compact(memoryStorage(objects), { now: settled })).toMatchObject({ hours: 1 });
  });

  it('keeps to the hours of --since and --until', async () => {
    const objects = new Map<string, Buffer>();
    for (const hour of [0, 1, 2]) {
      await smallObjects(
        [
          [10 * hour, 1],
          [10 * hour + 1, 1],
        ],
        DELETED_AT - 3600 * hour,
        objects,
      );
    }
    const eleven = '2026-11-23T11:30:00.000Z';
    expect(await compact(memoryStorage(objects), { since: eleven, until: eleven })).toMatchObject({ hours: 1 });
    expect(dataIn(objects).map((key) => key.slice(0, 34))).toEqual(
      ['10', '10', '11', '12', '12'].map((hour) => `year=2026/month=11/day=23/hour=${hour}/`),
    );
  });

  it('only counts with dryRun', async () => {
    const objects = await smallObjects([
      [0, 3],
      [3, 3],
    ]);
    const before = new Map(objects);
    const outcome = await compact(memoryStorage(objects), { dryRun: true });
    expect(outcome).toMatchObject({ hours: 1, merged: { objects: 2 }, written: { objects: 1 } });
    expect(objects).toEqual(before);
  });

  it('names a merged object behind all that it replaces, also a merged one: a listing that is under way meets it', async () => {
    const objects = await smallObjects([
      [0, 1],
      [1, 1],
    ]);
    const [, last = ''] = dataIn(objects);
    await compact(memoryStorage(objects));
    const [first = ''] = dataIn(objects);
    expect(first > last).toBe(true);
    await smallObjects([[2, 1]], DELETED_AT + 3599, objects);
    await compact(memoryStorage(objects));
    expect(dataIn(objects)).toHaveLength(1);
    expect((dataIn(objects)[0] ?? '') > first).toBe(true);
    expect(contentOf(objects)).toHaveLength(3);
  });

  it('keeps items of equal content and other eventIDs apart', async () => {
    const objects = await smallObjects([
      [0, 2],
      [2, 2],
    ]);
    expect(new Set(contentOf(objects)).size).toBe(4);
    await compact(memoryStorage(objects));
    expect(contentOf(objects)).toHaveLength(4);
  });
});

describe('compactArchive, killed', () => {
  it.each([false, true])(
    'loses and doubles nothing at any of its calls (done: %s), and a second run completes it',
    async (done) => {
      const origin = await smallObjects([
        [0, 3],
        [3, 2],
        [4, 3],
      ]);
      await smallObjects(
        [
          [20, 1],
          [21, 1],
        ],
        DELETED_AT - 3600,
        origin,
      );
      const before = contentOf(origin);
      let kills = 0;
      for (let call = 1; ; call++) {
        const objects = new Map(origin);
        const isKilled = await compact(memoryStorage(objects, killedAt(call, done))).then(
          () => false,
          (error: unknown) => {
            if (error instanceof Killed) return true;
            throw error;
          },
        );
        expect(contentOf(objects), `killed at call ${call}`).toEqual(before);
        const outcome = await compact(memoryStorage(objects));
        expect(outcome.damages).toEqual([]);
        expect(contentOf(objects)).toEqual(before);
        expect([...objects.keys()].toSorted(), `killed at call ${call}`).toEqual(
          dataIn(objects)
            .flatMap((file) => [manifestOf(file), file])
            .toSorted(),
        );
        expect(dataIn(objects)).toHaveLength(2);
        if (!isKilled) break;
        kills++;
      }
      expect(kills).toBeGreaterThan(25);
    },
  );

  it('completes a merge of a merged object, killed at any of its calls', async () => {
    const origin = await smallObjects([
      [0, 3],
      [3, 2],
    ]);
    await compact(memoryStorage(origin));
    await smallObjects(
      [
        [4, 3],
        [7, 1],
      ],
      DELETED_AT,
      origin,
    );
    const before = contentOf(origin);
    for (let call = 1, isKilled = true; isKilled; call++) {
      const objects = new Map(origin);
      isKilled = await compact(memoryStorage(objects, killedAt(call, true))).then(
        () => false,
        () => true,
      );
      expect(contentOf(objects)).toEqual(before);
      await compact(memoryStorage(objects));
      expect(contentOf(objects)).toEqual(before);
      expect(objects.size, `killed at call ${call}`).toBe(2);
    }
  });
});

describe('compactArchive, with damaged objects', () => {
  type Damager = (objects: Map<string, Buffer>, file: string) => void;
  const flip = (objects: Map<string, Buffer>, key: string, at: number) => {
    const bytes = Buffer.from(objects.get(key) ?? '');
    bytes[bytes.length + at] = (bytes[bytes.length + at] ?? 0) ^ 1;
    objects.set(key, bytes);
  };
  it.each<[what: string, damage: Damager]>([
    ['altered data', (objects, file) => flip(objects, file, -12)],
    [
      'data that are cut short',
      (objects, file) => void objects.set(file, (objects.get(file) ?? Buffer.alloc(0)).subarray(0, 40)),
    ],
    [
      'other data of the same length',
      (objects, file) => {
        const text = gunzipSync(objects.get(file) ?? '').toString();
        const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
        const member = gzipSync(text.replaceAll(/key-\d/g, 'key-x'));
        header.copy(member);
        objects.set(file, member);
      },
    ],
    ['missing data', (objects, file) => void objects.delete(file)],
    ['an altered manifest', (objects, file) => flip(objects, manifestOf(file), -12)],
    ['an empty manifest', (objects, file) => void objects.set(manifestOf(file), Buffer.alloc(0))],
    [
      'the manifest of another object',
      (objects, file) => {
        const [other = ''] = dataIn(objects).filter((each) => each !== file);
        objects.set(manifestOf(file), objects.get(manifestOf(other)) ?? Buffer.alloc(0));
      },
    ],
  ])('leaves %s as it is, reports it, and merges the others', async (_, damage) => {
    const objects = await smallObjects([
      [0, 3],
      [3, 3],
      [6, 3],
    ]);
    const [, file = ''] = dataIn(objects);
    damage(objects, file);
    const left = [objects.get(file), objects.get(manifestOf(file))];
    const outcome = await compact(memoryStorage(objects));
    expect(outcome.damages.map((each) => each.file)).toEqual([file]);
    expect(outcome).toMatchObject({ damaged: 1, merged: { objects: 2 }, written: { objects: 1 } });
    expect([objects.get(file), objects.get(manifestOf(file))]).toEqual(left);
    objects.delete(manifestOf(file));
    expect(contentOf(objects)).toHaveLength(6);
  });

  it('deletes nothing when the merged object cannot be read back as it was written', async () => {
    const objects = await smallObjects([
      [0, 3],
      [3, 3],
    ]);
    const before = new Map(objects);
    const inner = memoryStorage(objects);
    const lying: ObjectStorage = {
      ...inner,
      readAt: async (key, position, length) =>
        (await inner.readAt(key, position, length))?.subarray(0, length > 1_000_000 ? -1 : undefined),
    };
    expect(await compact(lying)).toMatchObject({ damaged: 1, merged: { objects: 0 } });
    for (const [key, content] of before) expect(objects.get(key)).toEqual(content);
  });

  it('deletes no leftover when the merged object that replaces it is damaged', async () => {
    const origin = await smallObjects([
      [0, 3],
      [3, 3],
    ]);
    const objects = new Map(origin);
    await compact(memoryStorage(objects));
    const [merged = ''] = dataIn(objects);
    for (const [key, content] of origin) objects.set(key, content);
    flip(objects, merged, -12);
    const outcome = await compact(memoryStorage(objects));
    expect(outcome.damages.length).toBeGreaterThan(0);
    for (const [key, content] of origin) expect(objects.get(key)).toEqual(content);
  });

  it('deletes nothing that a manifest names without holding its items', async () => {
    const objects = await smallObjects([
      [0, 3],
      [3, 3],
    ]);
    await compact(memoryStorage(objects));
    const forged = await smallObjects([
      [0, 3],
      [3, 3],
    ]);
    const [, other = ''] = dataIn(forged);
    // The object of other items under the name of one that was replaced.
    const impostor = await smallObjects([[50, 2]]);
    const [own = ''] = dataIn(impostor);
    const entries = [];
    for await (const entry of manifestEntries(impostor.get(manifestOf(own)) ?? Buffer.alloc(0), manifestOf(own)))
      entries.push(entry);
    objects.set(other, impostor.get(own) ?? Buffer.alloc(0));
    objects.set(manifestOf(other), await encodeManifest({ table: 'Orders', file: other }, entries));
    const before = contentOf(objects);
    expect(before).toHaveLength(8);
    const outcome = await compact(memoryStorage(objects));
    expect(outcome.damages.map(({ file }) => file)).toEqual([other]);
    expect(contentOf(objects)).toEqual(before);
  });

  it('counts data without a manifest, and leaves it', async () => {
    const objects = await smallObjects([
      [0, 3],
      [3, 3],
      [6, 3],
    ]);
    const [, file = ''] = dataIn(objects);
    objects.delete(manifestOf(file));
    expect(await compact(memoryStorage(objects))).toMatchObject({ withoutManifest: 1, damaged: 0 });
    expect(objects.has(file)).toBe(true);
  });
});
