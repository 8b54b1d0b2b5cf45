import { rememberLast } from '../lib/remember-last.js';
import type { ChangeRecord, ItemText, WireItem } from '../ports/index.js';
import { type JsonWalker, namePattern, patternOf } from './json-walker.js';

/** Where a record's members are in its page: of each value the first byte, and the byte after it. Both are 0 without one. */
export const AT = {
  record: 0,
  eventID: 2,
  awsRegion: 4,
  Keys: 6,
  NewImage: 8,
  OldImage: 10,
  SequenceNumber: 12,
} as const;

export type Place = (typeof AT)[keyof typeof AT];

/** The places of a record of which nothing is known. */
export function nowhere(): number[] {
  return [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
}

/** What a record has besides its places. */
export interface ScannedFacts {
  readonly eventName: string;
  readonly time: number | undefined;
  readonly userIdentity: ChangeRecord['userIdentity'];
  /** JavaScript would write the members of OldImage in another order. */
  readonly isReordered: boolean;
}

/** A stream record in the bytes of its page. Little is asked of most of them, so their members are made when they are asked for. */
export class ScannedRecord implements ChangeRecord {
  readonly eventName: string;
  readonly userIdentity: ChangeRecord['userIdentity'];
  readonly dynamodb: ScannedChange;
  readonly #walker: JsonWalker;
  readonly #places: readonly number[];
  readonly #isReordered: boolean;
  #oldImageText: ItemText | undefined;

  constructor(walker: JsonWalker, places: readonly number[], facts: ScannedFacts) {
    const { eventName, time, userIdentity, isReordered } = facts;
    this.#walker = walker;
    this.#places = places;
    this.#isReordered = isReordered;
    this.eventName = eventName;
    this.userIdentity = userIdentity;
    this.dynamodb = new ScannedChange(walker, places, time);
  }

  get eventID(): string {
    return textAt(this.#walker, this.#places, AT.eventID) ?? '';
  }

  get awsRegion(): string | undefined {
    return textAt(this.#walker, this.#places, AT.awsRegion);
  }

  get oldImageText(): ItemText | undefined {
    const { [AT.OldImage]: start = 0, [AT.OldImage + 1]: end = 0 } = this.#places;
    if (end === 0 || this.#isReordered) return undefined;
    this.#oldImageText ??= new ScannedItem(this.#walker, start, end);
    return this.#oldImageText;
  }

  /** For JSON.stringify: the whole record as it was sent. */
  toJSON(): unknown {
    return valueAt(this.#walker, this.#places, AT.record);
  }
}

class ScannedChange {
  readonly SequenceNumber: string;
  readonly ApproximateCreationDateTime: number | undefined;
  readonly #walker: JsonWalker;
  readonly #places: readonly number[];
  #oldImage: WireItem | undefined;

  constructor(walker: JsonWalker, places: readonly number[], time: number | undefined) {
    this.#walker = walker;
    this.#places = places;
    this.ApproximateCreationDateTime = time;
    // It is asked for of every record.
    this.SequenceNumber = textAt(walker, places, AT.SequenceNumber) ?? '';
  }

  get Keys(): WireItem {
    return valueAt(this.#walker, this.#places, AT.Keys) ?? {};
  }

  get NewImage(): WireItem | undefined {
    return valueAt(this.#walker, this.#places, AT.NewImage);
  }

  /** Kept, because of an item that has no text it is asked for more than once. */
  get OldImage(): WireItem | undefined {
    this.#oldImage ??= valueAt(this.#walker, this.#places, AT.OldImage);
    return this.#oldImage;
  }
}

class ScannedItem implements ItemText {
  readonly #walker: JsonWalker;
  readonly #start: number;
  readonly #end: number;

  constructor(walker: JsonWalker, start: number, end: number) {
    this.#walker = walker;
    this.#start = start;
    this.#end = end;
  }

  get json(): Buffer {
    return this.#walker.bytes.subarray(this.#start, this.#end);
  }

  numberOf(attribute: string): string | undefined {
    const walker = this.#walker;
    const value = walker.find(this.#start, patternOfName(attribute));
    if (value === 0 || !walker.holds(value, NUMBER)) return undefined;
    const start = value + NUMBER.bytes.length - 1;
    return walker.bytes.toString('latin1', start + 1, walker.text(start) - 1);
  }
}

const NUMBER = patternOf(Buffer.from('{"N":"'));

/** A new string, which does not keep the page in memory. */
function textAt({ bytes }: JsonWalker, places: readonly number[], place: Place): string | undefined {
  const { [place]: start = 0, [place + 1]: end = 0 } = places;
  return end === 0 ? undefined : bytes.toString('latin1', start + 1, end - 1);
}

function valueAt({ bytes }: JsonWalker, places: readonly number[], place: Place): WireItem | undefined {
  const { [place]: start = 0, [place + 1]: end = 0 } = places;
  return end === 0 ? undefined : JSON.parse(bytes.toString('utf8', start, end));
}

/** The TTL attribute of one table is asked for again and again. */
const patternOfName = rememberLast(namePattern);
