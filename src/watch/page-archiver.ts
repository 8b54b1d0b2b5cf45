import { toArchivedItem } from '../archive/archived-item.js';
import type { ArchivedItem, ItemStore, Written } from '../ports/index.js';
import type { PageSink } from '../stream/reader-context.js';
import type { Uploader } from '../upload/uploader.js';
import type { WatchRunOptions } from './options.js';
import { type Page, type PageContext, type PageOptions, pageSink } from './page-sink.js';

export interface PageArchiverOptions extends PageOptions, Pick<WatchRunOptions, 'format' | 'onArchived'> {}

export interface PageArchiverContext extends PageContext {
  readonly uploader: Pick<Uploader, 'room'> | undefined;
  readonly store: ItemStore;
}

/** Archives pages: keeps the deletions, makes their items durable, then commits the page to the journal. */
export function pageArchiver(context: PageArchiverContext, options: PageArchiverOptions): PageSink {
  const { store, tally, uploader, signal } = context;
  const { format, ttlAttribute, onArchived } = options;

  async function keep({ items, turn, commit, passTurn }: Page<ArchivedItem>): Promise<void> {
    let pending: unknown;
    const onWritten = async (written: Written): Promise<void> => {
      const committed = commit(written.items, written.segments);
      // The journal keeps the order of its commits, and takes no more when one has failed.
      passTurn();
      await committed;
      tally.add(written.items, context.awsTime.now());
      pending = onArchived?.(written.items);
    };
    await store.write(items, onWritten, withRoom(turn));
    await pending;
  }

  /** The turn comes only when there is room for segments that wait for their upload. */
  function withRoom(turn: Promise<void>): Promise<void> {
    if (uploader === undefined) return turn;
    const ready = turn.then(() => uploader.room(signal));
    ready.catch(() => undefined); // The store may still be preparing the page.
    return ready;
  }

  return pageSink(context, options, {
    // A spread would cost as much as the rest of it.
    make: (record, { ShardId, provenance }) => toArchivedItem(record, { ShardId, provenance, format, ttlAttribute }),
    keep,
  });
}
