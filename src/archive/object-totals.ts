import type { TtlArchiveError } from '../errors.js';
import { createLimiter, type Limiter } from '../lib/limiter.js';
import { mapConcurrently } from '../lib/map-concurrently.js';
import type { ObjectStorage, StoredObject } from '../ports/index.js';
import { isDamage } from './decode-manifest.js';
import { type JoinedHour, joinHours } from './join-hours.js';
import { dataOf, hourStart, MANIFESTS } from './layout.js';
import { listHour } from './list-hours.js';
import { readManifestHead } from './manifest-head.js';
import { readInBatches } from './read-manifests.js';

/** What an archive in S3 holds, or a day of it. */
interface Totals {
  /** What the manifests' headers add up to: an item that was archived more than once counts as often. */
  readonly items: number;
  /** Data objects with a manifest. */
  readonly objects: number;
  /** Of these, as they are stored. */
  readonly bytes: number;
}

export interface ObjectTotals extends Totals {
  readonly table?: string;
  /** ISO 8601: the first and the last deletion. */
  readonly firstDeletedAt?: string;
  readonly lastDeletedAt?: string;
  /** Data objects without a manifest: their writer has ended too early, or is about to create it. */
  readonly withoutManifest: number;
  /** In order; `day` is the day of the deletions (UTC). */
  readonly days: readonly (Totals & { readonly day: string })[];
}

interface TotalsInput {
  readonly storage: ObjectStorage;
  readonly onDamage: (error: TtlArchiveError) => void;
  /** Called from time to time with the number of data objects. */
  readonly onProgress?: (objects: number) => void;
}

interface HourTotals {
  readonly hour: JoinedHour;
  readonly totals: Totals;
  readonly withoutManifest: number;
  readonly table: string | undefined;
}

const CONCURRENCY = 24;

/** Adds up an archive in S3 from its listing and the headers of its manifests, of which the first and last hour are read. */
export async function objectTotals(input: TotalsInput): Promise<ObjectTotals> {
  const { storage, onProgress } = input;
  const limit = createLimiter(CONCURRENCY);
  const limits = {
    items: CONCURRENCY,
    weight: 10 * CONCURRENCY,
    weightOf: ({ manifests }: JoinedHour) => manifests.length,
  };
  const days = new Map<string, Totals>();
  let all: Totals = { items: 0, objects: 0, bytes: 0 };
  let withoutManifest = 0;
  let table: string | undefined;
  const archived: string[] = [];
  const hours = mapConcurrently(joinHours(storage), limits, async (hour) => totalsOf(hour, input, limit));
  for await (const { hour, totals, ...more } of hours) {
    const day = hourStart(hour.folder).slice(0, 10);
    all = sum(all, totals);
    if (totals.objects > 0) {
      days.set(day, sum(days.get(day), totals));
      archived.push(hour.folder);
    }
    withoutManifest += more.withoutManifest;
    table ??= more.table;
    onProgress?.(all.objects);
  }
  const [first, last] = [archived[0], archived.at(-1)];
  const firstTimes = await timesOf(first, input);
  const lastTimes = first === last ? firstTimes : await timesOf(last, input);
  return {
    ...(table !== undefined && { table }),
    ...all,
    ...(firstTimes !== undefined && { firstDeletedAt: firstTimes[0] }),
    ...(lastTimes !== undefined && { lastDeletedAt: lastTimes[1] }),
    withoutManifest,
    days: [...days].map(([day, totals]) => ({ day, ...totals })),
  };
}

async function totalsOf(hour: JoinedHour, { storage, onDamage }: TotalsInput, limit: Limiter): Promise<HourTotals> {
  const sizes = new Map(hour.data.map(({ key, size }) => [key, size]));
  const named = new Set<string>();
  let table: string | undefined;
  let totals: Totals = { items: 0, objects: 0, bytes: 0 };
  const take = async ({ key }: StoredObject): Promise<boolean> => {
    const file = dataOf(key) ?? '';
    named.add(file);
    try {
      const head = await limit(() => readManifestHead(storage, key));
      if (head === undefined) return false;
      table ??= head.header.table;
      totals = sum(totals, { items: head.header.items, objects: 1, bytes: sizes.get(file) ?? 0 });
    } catch (error) {
      if (!isDamage(error)) throw error;
      onDamage(error);
    }
    return true;
  };
  for (let left = hour.manifests; left.length > 0; ) {
    const isThere = await Promise.all(left.map(take));
    if (isThere.every(Boolean)) break;
    // Some were merged into others since they were listed.
    const [manifests, data] = [
      await listHour(storage, MANIFESTS, hour.folder),
      await listHour(storage, '', hour.folder),
    ];
    for (const { key, size } of data) sizes.set(key, size);
    left = manifests.filter(({ key }) => !named.has(dataOf(key) ?? ''));
  }
  const withoutManifest = hour.data.filter(({ key }) => !named.has(key)).length;
  return { hour, totals, withoutManifest, table };
}

function sum(a: Totals | undefined, b: Totals): Totals {
  if (a === undefined) return b;
  return { items: a.items + b.items, objects: a.objects + b.objects, bytes: a.bytes + b.bytes };
}

/** The first and the last deletion of an hour. */
async function timesOf(
  folder: string | undefined,
  { storage }: TotalsInput,
): Promise<readonly [first: string, last: string] | undefined> {
  if (folder === undefined) return undefined;
  const hour = hourStart(folder);
  let times: [string, string] | undefined;
  for await (const entries of readInBatches(storage, { since: hour, until: hour, onDamage: () => undefined })) {
    for (const { deletedAt } of entries) {
      times ??= [deletedAt, deletedAt];
      if (deletedAt < times[0]) times[0] = deletedAt;
      if (deletedAt > times[1]) times[1] = deletedAt;
    }
  }
  return times;
}
