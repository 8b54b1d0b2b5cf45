import { MANIFESTS } from '../archive/layout.js';
import { listHours } from '../archive/list-hours.js';
import type { Clock } from '../ports/index.js';
import { compactHour } from './compact-hour.js';
import type { CompactContext } from './context.js';
import { hourListing } from './hour-listing.js';
import { TARGET } from './merge.js';
import { generationOf } from './merged-name.js';
import { isLarge } from './read-source.js';

/**
 * Milliseconds after the end of an hour at which nobody writes to it any more: a stream keeps its records for 24 hours, and
 * AWS Lambda retries for no longer (AWS: DynamoDB Streams and AWS Lambda triggers). Twice that, for clocks that are wrong and
 * invocations that run. Merging earlier would lose nothing; it would have to be done again.
 */
const SETTLED = 48 * 3_600_000;
const HOUR = 3_600_000;

export interface CompactOptions {
  /** ISO 8601: hours before the one of `since`, and after the one of `until`, are left alone. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  /** Only counts, from the listings, what would be merged. */
  readonly dryRun?: boolean | undefined;
}

interface Running extends CompactContext {
  readonly clock: Pick<Clock, 'now'>;
  readonly signal: AbortSignal;
  /** Called before each hour that is looked into. */
  readonly onHour?: (folder: string) => void;
}

/**
 * Merges the small objects of an archive in S3, hour by hour, into `context.totals`. Throws what the storage throws, and the
 * signal's reason; the totals say what was done until then.
 */
export async function compactArchive(context: Running, options: CompactOptions = {}): Promise<void> {
  const { signal, onHour } = context;
  for await (const folder of hoursToCompact(context, options)) {
    signal.throwIfAborted();
    onHour?.(folder);
    await (options.dryRun === true ? planHour(context, folder) : compactHour(context, folder));
  }
}

/** The folders of settled hours that have several manifests, or a merged object, which may have left something behind. */
async function* hoursToCompact({ storage, clock }: Running, { since, until }: CompactOptions): AsyncGenerator<string> {
  const settled = new Date(clock.now() - SETTLED - HOUR).toISOString();
  const last = until !== undefined && until < settled ? until : settled;
  for await (const { folder, objects } of listHours(storage, MANIFESTS, { since, until: last })) {
    if (objects.length > 1 || objects.some(({ key }) => generationOf(key) > 0)) yield folder;
  }
}

/** What `compactHour` would do, if nothing is damaged and there are few items. */
async function planHour({ storage, totals }: CompactContext, folder: string): Promise<void> {
  const { listed, withoutManifest } = await hourListing(storage, folder);
  totals.withoutManifest += withoutManifest.size;
  const groups: { objects: number; bytes: number }[] = [];
  for (const { size = 0 } of listed.filter((each) => !isLarge(each))) {
    const group = groups.at(-1);
    if (group === undefined || group.bytes + size > TARGET) groups.push({ objects: 1, bytes: size });
    else {
      group.objects++;
      group.bytes += size;
    }
  }
  const merged = groups.filter(({ objects }) => objects > 1);
  if (merged.length > 0) totals.hours++;
  for (const { objects, bytes } of merged) {
    totals.written.objects++;
    totals.merged.objects += objects;
    totals.merged.bytes += bytes;
  }
}
