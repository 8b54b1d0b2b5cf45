import { toItemFacts } from '../archive/archived-item.js';
import type { TtlDeletion } from '../ports/index.js';
import type { PageSink } from '../stream/reader-context.js';
import { type Page, type PageContext, type PageOptions, pageSink } from './page-sink.js';

/** Where pages of deletions go. */
export interface Receiver {
  /**
   * Resolves when all deletions of a shard's page are taken for good; rejects with `Stopped` when they will not be, because
   * the run ends. Calls for a shard come in its order; `turn` resolves when its previous page is committed.
   */
  take(deletions: readonly TtlDeletion[], page: Taking): Promise<void>;
}

export interface Taking {
  readonly turn: Promise<void>;
  /** So many of the page's first deletions are taken for good: the checkpoint may move past them. */
  readonly advance: (count: number) => void;
  /** Aborts when the reading ends: on the caller's signal, or after a failure. */
  readonly signal: AbortSignal;
}

/** The run ends before a page was taken: it is not committed, and no failure. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

/** Gives the deletions of pages to a receiver, then commits the pages to the journal, without lines for the items. */
export function pageDeliverer(context: PageContext, options: PageOptions, receiver: Receiver): PageSink {
  const { journal, tally, awsTime } = context;
  const { stream, ttlAttribute } = options;

  async function keep({ items, turn, signal, commit }: Page<TtlDeletion>): Promise<void> {
    const advance = advancing(items, turn);
    await receiver.take(items, { turn, advance, signal });
    await turn;
    await commit([]);
    const sizes = items.map(({ provenance }) => ({ provenance, size: 0 }));
    tally.add(sizes, awsTime.now());
  }

  /** Moves the shard's checkpoint past the first deletions of a page, once the page before is committed. */
  function advancing(items: readonly TtlDeletion[], turn: Promise<void>): (count: number) => void {
    let taken = 0;
    let isTurn = false;
    const move = (): void => {
      const last = items[taken - 1];
      // Past the last one the page itself is committed, with all that was read after it.
      if (!isTurn || last === undefined || taken === items.length) return;
      const { ShardId, SequenceNumber: position } = last;
      const { caughtUpAt, awsTime: isAws } = journal.state.checkpoints.get(stream)?.get(ShardId) ?? {};
      const at = new Date(awsTime.now()).toISOString();
      const times = caughtUpAt === undefined ? {} : { caughtUpAt, ...(isAws === true && { awsTime: isAws }) };
      journal.checkpointLazily({ stream, ShardId, position, at, ...times });
    };
    turn.then(
      () => {
        isTurn = true;
        move();
      },
      () => undefined,
    );
    return (count) => {
      taken = count;
      move();
    };
  }

  return pageSink(context, options, {
    make: (record, facts) => ({
      ...toItemFacts(record, { ...facts, ttlAttribute }),
      item: record.dynamodb.OldImage ?? {},
    }),
    keep,
  });
}
