import { hash } from 'node:crypto';
import { hourStart, partitionOf } from '../archive/layout.js';
import type { HourRange } from '../archive/list-hours.js';
import { readManifests } from '../archive/read-manifests.js';
import type { TtlArchiveError } from '../errors.js';
import { HashTable } from '../lib/hash-table.js';
import type { ItemEntry, ObjectStorage } from '../ports/index.js';
import { type Candidate, candidateOf, isSelected, type JournalSource, type Selection } from './candidates.js';
import { compareDeletions, ORDER_LENGTH, orderOf } from './deletion-order.js';
import type { EntryReader } from './entry-reader.js';
import { keyText } from './key-text.js';
import { hoursOf } from './window.js';

interface ObjectInput {
  readonly storage: ObjectStorage;
  readonly read: EntryReader;
  readonly keyNames: readonly string[];
  /** The data object with this key, for messages. */
  readonly placeOf: (file: string) => string;
  readonly onDamage: (error: TtlArchiveError) => void;
}

/**
 * The items of a selection of an archive in S3. Its manifests are read twice, as the journal is for `journalSource`: first
 * to find which items to return, then to return them. What is archived or merged meanwhile changes nothing: an item is
 * known by its eventID. In memory are about 25 bytes a key (with `all`: an item), and some 50 more for those of one hour.
 */
export async function objectSource(input: ObjectInput, selection: Selection): Promise<JournalSource> {
  const { storage, onDamage } = input;
  const isChosen = selection.versions === 'newest' ? new NewestVersions() : new AllVersions();
  const entries = (report: typeof onDamage) =>
    readManifests(storage, { ...rangeOf(selection), files: selection.files, onDamage: report });
  const found = new Set<string>();
  for await (const entry of entries(onDamage)) {
    if (!isSelected(entry, selection)) continue;
    isChosen.add(entry);
    if (selection.files !== undefined) found.add(entry.file);
  }
  return {
    found,
    count: isChosen.count,
    candidates: async function* (): AsyncGenerator<Candidate> {
      let hour = '';
      let waiting: ItemEntry[] = [];
      // The versions of a key that were deleted in one hour are in no order.
      const release = function* (): Generator<Candidate> {
        for (const entry of waiting.toSorted(compareDeletions)) yield candidateOf(entry, input);
        waiting = [];
      };
      for await (const entry of entries(() => undefined)) {
        if (!isSelected(entry, selection) || !isChosen.has(entry)) continue;
        const own = partitionOf(entry.deletedAt);
        if (own !== hour) yield* release();
        hour = own;
        if (isChosen.hasOthersInHour(entry)) waiting.push(entry);
        else yield candidateOf(entry, input);
      }
      yield* release();
    },
  };
}

/** The hours to read. */
function rangeOf({ files, ...window }: Selection): HourRange {
  if (files === undefined) return hoursOf(window);
  const hours = [...files].map(hourStart).toSorted();
  return { since: hours[0], until: hours.at(-1) };
}

/** 32 bits: enough to tell the versions of one key apart. */
function fingerprint(eventID: string): number {
  return hash('sha256', eventID, 'buffer').readUInt32LE(0);
}

/** The version of each key that was deleted last. Entries are added by the hour of their deletion. */
class NewestVersions {
  readonly #newest = new HashTable();
  #hour = '';
  /** Of the keys that were deleted in the hour: their place in `#orders`. */
  #places = new HashTable();
  #orders = Buffer.alloc(1024 * ORDER_LENGTH);

  get count(): number {
    return this.#newest.size;
  }

  add(entry: ItemEntry): void {
    const hour = partitionOf(entry.deletedAt);
    if (hour !== this.#hour) this.#places = new HashTable();
    this.#hour = hour;
    const key = keyText(entry.Keys);
    const order = orderOf(entry);
    const place = this.#places.get(key);
    if (place !== undefined && order.compare(this.#orderAt(place)) <= 0) return;
    this.#newest.set(key, fingerprint(entry.eventID));
    order.copy(this.#orderAt(place ?? this.#newPlace(key)));
  }

  has({ Keys, eventID }: ItemEntry): boolean {
    return this.#newest.get(keyText(Keys)) === fingerprint(eventID);
  }

  hasOthersInHour(): boolean {
    return false;
  }

  #orderAt(place: number): Buffer {
    return this.#orders.subarray(place * ORDER_LENGTH, (place + 1) * ORDER_LENGTH);
  }

  #newPlace(key: string): number {
    const place = this.#places.size;
    this.#places.set(key, place);
    if ((place + 1) * ORDER_LENGTH > this.#orders.length) {
      this.#orders = Buffer.concat([this.#orders, Buffer.alloc(this.#orders.length)]);
    }
    return place;
  }
}

/** Every version, and which keys have several in one hour. */
class AllVersions {
  readonly #events = new HashTable();
  readonly #repeated = new HashTable();
  #hour = '';
  #keys = new HashTable();

  get count(): number {
    return this.#events.size;
  }

  add(entry: ItemEntry): void {
    const hour = partitionOf(entry.deletedAt);
    if (hour !== this.#hour) this.#keys = new HashTable();
    this.#hour = hour;
    this.#events.set(entry.eventID);
    const key = keyText(entry.Keys);
    if (!this.#keys.set(key)) this.#repeated.set(key);
  }

  has({ eventID }: ItemEntry): boolean {
    return this.#events.has(eventID);
  }

  hasOthersInHour({ Keys }: ItemEntry): boolean {
    return this.#repeated.has(keyText(Keys));
  }
}
