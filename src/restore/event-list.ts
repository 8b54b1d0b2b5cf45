import { TtlArchiveError } from '../errors.js';
import { HashTable } from '../lib/hash-table.js';
import { isObject } from '../lib/json-checks.js';
import { type JsonValue, JsonValues } from '../lib/json-values.js';
import { parseJson } from '../lib/parse-json.js';
import { textBytes } from '../lib/text-bytes.js';

/** A line of `find --json --show` holds an item. */
const MAX_VALUE = 32 * 1024 * 1024;

/** The items that a list names, by their eventIDs: 16 bytes of memory each. */
export class EventList {
  readonly #events = new HashTable();
  #found = 0;

  add(eventID: string): void {
    this.#events.set(eventID, 0);
  }

  get size(): number {
    return this.#events.size;
  }

  /** Items that `find` has not been asked for yet. */
  get missing(): number {
    return this.size - this.#found;
  }

  /** True for a listed item, which then counts as found. */
  find(eventID: string): boolean {
    const count = this.#events.get(eventID);
    if (count === 0) {
      this.#events.set(eventID, 1);
      this.#found++;
    }
    return count !== undefined;
  }
}

/**
 * Reads a list of items: JSON objects with an `eventID`, as `find --json` prints them, also as `jq` formats them over many
 * lines. `name` is the list in messages. Throws USAGE for anything else in it, and the input's errors.
 */
export async function readEventList(chunks: AsyncIterable<Uint8Array>, name: string): Promise<EventList> {
  const list = new EventList();
  const values = new JsonValues({ limit: MAX_VALUE, isWhole: (text) => eventOf(text) !== undefined });
  const take = ({ text, line }: JsonValue): void => {
    const eventID = eventOf(text);
    if (eventID !== undefined) return list.add(eventID);
    throw new TtlArchiveError('USAGE', `Line ${line} of ${name} does not name an archived item.`, {
      remedy: 'Give the lines that "ttl-archive find --json" prints: JSON objects with an eventID.',
    });
  };
  for await (const chunk of textBytes(chunks)) values.push(chunk).forEach(take);
  values.end().forEach(take);
  return list;
}

function eventOf(text: string): string | undefined {
  const parsed = parseJson(text);
  const value = 'problem' in parsed || !isObject(parsed.value) ? undefined : parsed.value['eventID'];
  return typeof value === 'string' ? value : undefined;
}
