import { toArchivedItem } from '../archive/archived-item.js';
import { classify } from '../archive/deletion.js';
import { addGap } from '../journal/gap-list.js';
import type {
  ArchivedItem,
  ChangeRecord,
  Checkpoint,
  Gap,
  ItemStore,
  Journal,
  JournalLine,
  Written,
} from '../ports/index.js';
import type { PageSink } from '../stream/reader-context.js';
import type { Uploader } from '../upload/uploader.js';
import { addIgnored, type IgnoredLog, noneIgnored } from './ignored-log.js';
import type { WatchRunOptions } from './options.js';
import type { RunContext } from './run-context.js';
import type { Tally } from './tally.js';

export interface PageArchiverOptions extends Pick<WatchRunOptions, 'deletions' | 'format' | 'onArchived'> {
  readonly stream: string;
  readonly ttlAttribute: string | undefined;
}

export interface PageArchiverContext extends Pick<RunContext, 'log' | 'awsTime' | 'signal'> {
  readonly uploader: Pick<Uploader, 'room'> | undefined;
  readonly store: ItemStore;
  readonly journal: Journal;
  readonly tally: Tally;
  readonly ignoredLog: IgnoredLog;
}

/** Archives pages: keeps the deletions, makes their items durable, then commits the page to the journal. */
export function pageArchiver(context: PageArchiverContext, options: PageArchiverOptions): PageSink {
  const { store, journal, tally } = context;

  async function keep({ items, gap }: Sorted, checkpoint: Checkpoint, turn: Promise<void>): Promise<void> {
    const closing: JournalLine[] = gap === undefined ? [] : [{ type: 'gap', ...gap }];
    if (items.length > 0) {
      let pending: unknown;
      const commit = async (written: Written): Promise<void> => {
        const lines = written.items.map((entry): JournalLine => ({ type: 'item', ...entry }));
        const segments = written.segments === undefined ? {} : { segments: written.segments };
        await journal.commit([...closing, ...lines, { type: 'checkpoint', ...checkpoint, ...segments }]);
        tally.add(written.items, context.awsTime.now());
        pending = options.onArchived?.(written.items);
      };
      await store.write(items, commit, withRoom(turn));
      await pending;
    } else {
      await turn;
      if (gap === undefined && checkpoint.position !== 'SHARD_END') journal.checkpointLazily(checkpoint);
      else await journal.commit([...closing, { type: 'checkpoint', ...checkpoint }]);
    }
    if (gap !== undefined) addGap(tally, gap);
  }

  /** The turn comes only when there is room for segments that wait for their upload. */
  function withRoom(turn: Promise<void>): Promise<void> {
    const { uploader, signal } = context;
    if (uploader === undefined) return turn;
    const ready = turn.then(() => uploader.room(signal));
    ready.catch(() => undefined); // The store may still be preparing the page.
    return ready;
  }

  /** Marks a checkpoint's times as AWS's. Those of earlier runs were checked at the start. */
  function withClock<C extends Checkpoint>(checkpoint: C): C {
    return context.awsTime.isKnown ? { ...checkpoint, awsTime: true } : checkpoint;
  }

  return {
    async commit(lines) {
      await journal.commit(lines.map((line) => (line.type === 'checkpoint' ? withClock(line) : line)));
      for (const line of lines) if (line.type === 'gap') addGap(tally, line);
    },
    checkpointLazily: (checkpoint) => journal.checkpointLazily(withClock(checkpoint)),
    // Nothing is awaited here, so that the records can be collected once their items are made.
    async archive({ ShardId, records, checkpoint }, turn) {
      tally.records += records.length;
      return keep(sort(records, ShardId, context, options), withClock(checkpoint), turn);
    },
  };
}

interface Sorted {
  readonly items: ArchivedItem[];
  /** For all deletions of the page that came without their OldImage. */
  readonly gap: Gap | undefined;
}

function sort(
  records: readonly ChangeRecord[],
  ShardId: string,
  { log, tally, awsTime, ignoredLog }: PageArchiverContext,
  { stream, deletions, format, ttlAttribute }: PageArchiverOptions,
): Sorted {
  const rule = { deletions, ttlAttribute };
  const items: ArchivedItem[] = [];
  const lost: ChangeRecord[] = [];
  const ignored = noneIgnored();
  for (const record of records) {
    const verdict = classify(record, rule);
    if (verdict.kind === 'ignore') ignored[verdict.as]++;
    else if (verdict.kind === 'archive')
      items.push(toArchivedItem(record, { ShardId, provenance: verdict.provenance, format, ttlAttribute }));
    else lost.push(record);
  }
  if (records.length > items.length + lost.length) {
    addIgnored(tally.ignored, ignored);
    ignoredLog.add(ignored);
  }
  if (lost.length > 0) {
    const message = 'gap: deletions came without their OldImage';
    log.error({ event: 'gap.found', ShardId, cause: 'no-old-image', records: lost.length }, message);
  }
  return { items, gap: withoutImage(lost, { stream, ShardId, now: awsTime.now() }) };
}

function withoutImage(
  [first, ...others]: readonly ChangeRecord[],
  { stream, ShardId, now }: { stream: string; ShardId: string; now: number },
): Gap | undefined {
  if (first === undefined) return undefined;
  const at = new Date(now).toISOString();
  const created = first.dynamodb.ApproximateCreationDateTime;
  return {
    stream,
    ShardId,
    cause: 'no-old-image',
    ...(created !== undefined && { from: new Date(created * 1000).toISOString() }),
    to: at,
    reason: 'deletions came without their OldImage',
    records: 1 + others.length,
    at,
  };
}
