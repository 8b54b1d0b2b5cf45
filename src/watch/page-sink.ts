import { classify } from '../archive/deletion.js';
import { addGap } from '../journal/gap-list.js';
import type { ChangeRecord, Checkpoint, Gap, Journal, JournalLine, Provenance, SegmentLength } from '../ports/index.js';
import type { PageSink, PageWrite } from '../stream/reader-context.js';
import { addIgnored, type IgnoredLog, noneIgnored } from './ignored-log.js';
import type { WatchRunOptions } from './options.js';
import type { RunContext } from './run-context.js';
import type { Tally } from './tally.js';

export interface PageOptions extends Pick<WatchRunOptions, 'deletions' | 'onGap'> {
  readonly stream: string;
  readonly ttlAttribute: string | undefined;
}

export interface PageContext extends Pick<RunContext, 'log' | 'awsTime' | 'signal'> {
  readonly journal: Journal;
  readonly tally: Tally;
  readonly ignoredLog: IgnoredLog;
}

/** A page with deletions. */
export interface Page<T> {
  /** What `make` made of them. */
  readonly items: readonly T[];
  readonly checkpoint: Checkpoint;
  /** Resolves when this page may be committed after the shard's previous one; rejects when it must not be. */
  readonly turn: Promise<void>;
  /** Aborts when the reading ends. */
  readonly signal: AbortSignal;
  /** Commits the page, with lines for its items and what they mean for segments. */
  readonly commit: (lines: readonly JournalLine[], segments?: readonly SegmentLength[]) => Promise<void>;
  /** Gives the turn to the shard's next page once `commit` was called. Otherwise that waits until this one is kept. */
  readonly passTurn: () => void;
}

/** What becomes of the deletions. */
export interface PageKeeper<T> {
  make(record: ChangeRecord, facts: { readonly ShardId: string; readonly provenance: Provenance }): T;
  /** Makes them durable, after the turn calls `commit`, and resolves when the shard may go on. */
  keep(page: Page<T>): Promise<void>;
}

/** Sorts the records of pages, has the deletions kept, and commits what was read to the journal. */
export function pageSink<T>(context: PageContext, options: PageOptions, keeper: PageKeeper<T>): PageSink {
  const { journal, tally } = context;

  async function keep({ items, gap }: Sorted<T>, page: Omit<Page<T>, 'items' | 'commit'>): Promise<void> {
    const { checkpoint, turn } = page;
    const closing: JournalLine[] = gap === undefined ? [] : [{ type: 'gap', ...gap }];
    if (items.length > 0) {
      const commit: Page<T>['commit'] = (lines, segments) => {
        const more = segments === undefined ? {} : { segments };
        return journal.commit([...closing, ...lines, { type: 'checkpoint', ...checkpoint, ...more }]);
      };
      await keeper.keep({ ...page, items, commit });
    } else {
      await turn;
      if (gap === undefined && checkpoint.position !== 'SHARD_END') journal.checkpointLazily(checkpoint);
      else await journal.commit([...closing, { type: 'checkpoint', ...checkpoint }]);
    }
    if (gap !== undefined) onGap(gap);
  }

  function onGap(line: Gap & { readonly type?: 'gap' }): void {
    const { type: _, ...gap } = line;
    addGap(tally, gap);
    options.onGap?.(gap);
  }

  /** Marks a checkpoint's times as AWS's. Those of earlier runs were checked at the start. */
  function withClock<C extends Checkpoint>(checkpoint: C): C {
    return context.awsTime.isKnown ? { ...checkpoint, awsTime: true } : checkpoint;
  }

  return {
    async commit(lines) {
      await journal.commit(lines.map((line) => (line.type === 'checkpoint' ? withClock(line) : line)));
      for (const line of lines) if (line.type === 'gap') onGap(line);
    },
    checkpointLazily: (checkpoint) => journal.checkpointLazily(withClock(checkpoint)),
    archive({ ShardId, records, checkpoint }, turn, signal) {
      return pageWrite(async (passTurn) => {
        tally.records += records.length;
        const sorted = sort(records, ShardId, { context, options, keeper });
        // Nothing is awaited before, so that the records can be collected once their items are made.
        return keep(sorted, { checkpoint: withClock(checkpoint), turn, signal, passTurn });
      });
    },
  };
}

function pageWrite(write: (passTurn: () => void) => Promise<void>): PageWrite {
  let done = Promise.resolve();
  const next = new Promise<void>((resolve, reject) => {
    done = write(resolve);
    done.then(resolve, reject);
  });
  next.catch(() => undefined); // Nobody waits for it when no page follows.
  return { done, next };
}

interface Sorted<T> {
  readonly items: readonly T[];
  /** For all deletions of the page that came without their OldImage. */
  readonly gap: Gap | undefined;
}

function sort<T>(
  records: readonly ChangeRecord[],
  ShardId: string,
  parts: { readonly context: PageContext; readonly options: PageOptions; readonly keeper: PageKeeper<T> },
): Sorted<T> {
  const { log, tally, awsTime, ignoredLog } = parts.context;
  const { stream, deletions, ttlAttribute } = parts.options;
  const rule = { deletions, ttlAttribute };
  const items: T[] = [];
  const lost: ChangeRecord[] = [];
  const ignored = noneIgnored();
  for (const record of records) {
    const verdict = classify(record, rule);
    if (verdict.kind === 'ignore') ignored[verdict.as]++;
    else if (verdict.kind === 'archive')
      items.push(parts.keeper.make(record, { ShardId, provenance: verdict.provenance }));
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
