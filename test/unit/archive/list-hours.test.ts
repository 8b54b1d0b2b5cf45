import { describe, expect, it } from 'vitest';
import { type Hour, type HourRange, listHour, listHours } from '../../../src/archive/list-hours.js';
import type { ObjectStorage, StoredObject } from '../../../src/ports/index.js';

const HOUR = 'year=2026/month=11/day=23/hour=12';
const NEXT = 'year=2026/month=11/day=23/hour=13';

/** A storage that lists two objects an answer, and calls `between` before each further answer. */
function pagedStorage(keys: Set<string>, between: (answer: number) => void = () => undefined) {
  let answers = 0;
  return {
    async *list(prefix: string, { after = '' }: { readonly after?: string } = {}): AsyncGenerator<StoredObject> {
      for (let last = after; ; ) {
        const rest = [...keys].filter((key) => key.startsWith(prefix) && key > last).toSorted();
        const page = rest.slice(0, 2);
        for (const key of page) {
          const endsPage = key === page.at(-1) && rest.length > 2;
          yield { key, size: 1, ...(endsPage && { endsPage }) };
        }
        if (rest.length <= 2) return;
        last = page.at(-1) ?? '';
        between(++answers);
      }
    },
  } satisfies Pick<ObjectStorage, 'list'>;
}

async function hoursOf(storage: Pick<ObjectStorage, 'list'>, range: HourRange = {}): Promise<Hour[]> {
  const hours: Hour[] = [];
  for await (const hour of listHours(storage, '', range)) hours.push(hour);
  return hours;
}

const names = ({ objects }: Hour) => objects.map(({ key }) => key.slice(key.lastIndexOf('/') + 1)).toSorted();

describe('listHours', () => {
  it('gives data objects by the hour, and passes over everything else', async () => {
    const keys = new Set([
      `${HOUR}/a.json.gz`,
      `${HOUR}/b.json.gz`,
      `${HOUR}/b/nested.json.gz`,
      `${HOUR}/c.json.gz`,
      `${HOUR}/notes.txt`,
      `${NEXT}/d.json.gz`,
      'year=2026/e.json.gz',
      'year=2026/',
      '.ttl-archive/manifests/x',
    ]);
    const hours = await hoursOf(pagedStorage(keys));
    expect(hours.map(({ folder }) => folder)).toEqual([HOUR, NEXT]);
    expect(hours.map(names)).toEqual([['a.json.gz', 'b.json.gz', 'c.json.gz'], ['d.json.gz']]);
  });

  it('ends after the last hour of the range, and begins with its first', async () => {
    const keys = new Set([`${HOUR}/a.json.gz`, `${NEXT}/d.json.gz`]);
    expect(await hoursOf(pagedStorage(keys), { until: '2026-11-23T12:59:59.999Z' })).toHaveLength(1);
    expect(await hoursOf(pagedStorage(keys), { since: '2026-11-23T13:00:00.000Z' })).toHaveLength(1);
    expect(await hoursOf(pagedStorage(keys), { since: '2026-11-23T12:00:00.000Z' })).toHaveLength(2);
  });

  it('lists an hour again whose answers are from different moments, between which objects were merged behind the place', async () => {
    const keys = new Set(['c', 'e', 'f', 'g'].map((name) => `${HOUR}/${name}.json.gz`));
    const storage = pagedStorage(keys, (answer) => {
      if (answer > 1) return;
      for (const name of ['f', 'g']) keys.delete(`${HOUR}/${name}.json.gz`);
      keys.add(`${HOUR}/d-of-f-and-g.json.gz`);
    });
    const [hour = { folder: '', objects: [] }] = await hoursOf(storage);
    expect(names(hour)).toContain('d-of-f-and-g.json.gz');
  });
});

describe('listHour', () => {
  it('gives one hour as it is now', async () => {
    const keys = new Set([`${HOUR}/a.json.gz`, `${NEXT}/d.json.gz`]);
    expect(names(await listHour(pagedStorage(keys), '', HOUR))).toEqual(['a.json.gz']);
    expect(await listHour(pagedStorage(new Set()), '', HOUR)).toEqual({ folder: HOUR, objects: [] });
  });
});
