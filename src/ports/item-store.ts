import type { WireItem } from './records.js';

export type Deletions = 'ttl' | 'inferred' | 'all';
export type Layout = 'files' | 'segments';
export type Format = 'item' | 'record' | 'plain';
/** Why an item counts as deleted by TTL (docs/archive-format.md). */
export type Provenance = 'ttl' | 'ddb-local' | 'inferred' | 'all';

/** An item ready to be written, with what the journal keeps about it. */
export interface ArchivedItem {
  readonly record: ItemFacts;
  /** `files`: the file name. A function of the record alone. */
  readonly fileName: string;
  /** The encoded item in UTF-8, without a line feed. May be a part of the response it came in. */
  readonly body: Uint8Array;
}

export interface ItemFacts {
  readonly eventID: string;
  readonly ShardId: string;
  readonly SequenceNumber: string;
  readonly Keys: WireItem;
  /** Value of the TTL attribute in epoch seconds, when it is a number. */
  readonly ttl?: number;
  /** ApproximateCreationDateTime as ISO 8601 (UTC). */
  readonly deletedAt: string;
  readonly provenance: Provenance;
}

/** An item of a committed page, and where it is: what the journal's item line holds. */
export interface ItemEntry extends ItemFacts {
  /** Path relative to the archive folder, with `/`. In `segments`: the closed segment's name. */
  readonly file: string;
  /** Hex SHA-256 of the file (`files`: with its final line feed) or of the line without line feed (`segments`). */
  readonly sha256: string;
  /** Number of bytes that `sha256` covers. */
  readonly size: number;
  /** `segments`: byte offset in the file of the gzip member (or of the line when not compressed). */
  readonly offset?: number;
  /** `segments` with gzip: index of the line inside that member. */
  readonly line?: number;
}

/** An entry as a line of the journal, of the page that the next closing line commits. */
export interface ItemJournalLine extends ItemEntry {
  readonly type: 'item';
}

/** `segments`: how much of a segment belongs to the archive once the commit that carries it is durable. */
export interface SegmentLength {
  readonly file: string;
  readonly length: number;
  /** The segment has its final name and never changes again. */
  readonly closed?: true;
}

/** Is told of segments. */
export interface SegmentListener {
  /** The segment is about to get its first bytes. */
  begun(file: string): void;
  /** The segments have their final names. The listener records that in the journal, so the store does not. */
  closed(segments: readonly SegmentLength[]): void;
}

/** Durable storage of archived items. */
export interface ItemStore {
  /**
   * Makes one page's items durable and then calls `commit` exactly once with what the journal has to hold. Calls of
   * `commit` come in the order in which bytes were appended. Resolves when `commit` has resolved. Work that does not
   * affect the archive's order is done at once; the rest waits for `turn`, and is not done when that rejects.
   */
  write(
    items: readonly ArchivedItem[],
    commit: (written: Written) => Promise<void>,
    turn?: Promise<void>,
  ): Promise<void>;
  /** `segments`: gives the open segments their final names. Returns what the journal has to hold. */
  close(): Promise<readonly SegmentLength[]>;
}

export interface Written {
  readonly items: readonly ItemJournalLine[];
  readonly segments?: readonly SegmentLength[];
}
