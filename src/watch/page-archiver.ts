import { toArchivedItem } from '../archive/archived-item.js';
import { classify } from '../archive/deletion.js';
import type { Deletions, Format, Gap, ItemEntry, ItemStore, Journal, JournalLine, Log } from '../ports.js';
import type { DeliveredPage, PageSink } from '../stream/page-sink.js';

export interface PageArchiverOptions {
  readonly stream: string;
  readonly deletions: Deletions;
  readonly format: Format;
  readonly ttlAttribute: string | undefined;
  readonly onArchived: ((items: readonly ItemEntry[]) => void) | undefined;
}

/** What has been done with the records so far. */
export class Tally {
  records = 0;
  archived = 0;
  archivedBytes = 0;
  readonly ignored = { insert: 0, modify: 0, remove: 0, unknown: 0 };
  readonly gaps: Gap[] = [];
}

/** Archives pages: keeps the deletions, makes their items durable, then commits the page to the journal. */
export function pageArchiver(
  tools: { store: ItemStore; journal: Journal; log: Log; tally: Tally; now: () => number },
  options: PageArchiverOptions,
): PageSink {
  return {
    deliver: async () => {
      throw new Error('x');
    },
    record: (lines) => tools.journal.commit(lines),
    note: (c) => tools.journal.note(c),
  };
}
