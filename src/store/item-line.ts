import type { ItemEntry, ItemFacts, Provenance, WireItem } from '../ports/index.js';

/** Where an item is, and what is there. */
export type ItemPlace = Omit<ItemEntry, keyof ItemFacts>;

/**
 * An item's entry that is its line in the journal, too. There is one for each archived item, and copying it into a line would
 * cost more than making it. Its members are in the order of a manifest's line; those that it does not have are missing.
 */
export class ItemLine implements ItemEntry {
  readonly file: string;
  readonly sha256: string;
  readonly size: number;
  readonly line?: number;
  readonly offset?: number;
  readonly eventID: string;
  readonly ShardId: string;
  readonly SequenceNumber: string;
  readonly Keys: WireItem;
  readonly deletedAt: string;
  readonly provenance: Provenance;
  readonly ttl?: number;

  constructor({ file, sha256, size, line, offset }: ItemPlace, facts: ItemFacts) {
    this.file = file;
    this.sha256 = sha256;
    this.size = size;
    if (line !== undefined) this.line = line;
    if (offset !== undefined) this.offset = offset;
    this.eventID = facts.eventID;
    this.ShardId = facts.ShardId;
    this.SequenceNumber = facts.SequenceNumber;
    this.Keys = facts.Keys;
    this.deletedAt = facts.deletedAt;
    this.provenance = facts.provenance;
    if (facts.ttl !== undefined) this.ttl = facts.ttl;
  }

  /** Not a member of its own, so that it is not part of what is printed of an entry. */
  get type(): 'item' {
    return 'item';
  }
}
