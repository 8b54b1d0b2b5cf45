import { isUtf8 } from 'node:buffer';
import type { ChangeRecord, RecordsPage } from '../ports/index.js';
import { JsonWalker, type Member, NOT_WALKABLE, namePattern, type Pattern, patternOf } from './json-walker.js';
import { AT, nowhere, type Place, type ScannedFacts, ScannedRecord } from './scanned-record.js';
import { MAX_DIGITS, MAX_EPOCH_SECONDS } from './validate-response.js';

/**
 * The page in the body of a GetRecords response, without parsing the items in it. Undefined when it has to be parsed: it
 * holds whitespace or something unusual, or it is invalid. The body may be changed, to another text for the same JSON.
 */
export function scanPage(body: Buffer): RecordsPage | undefined {
  if (!isUtf8(body)) return undefined;
  try {
    return new PageScanner(body).page();
  } catch (error) {
    if (error === NOT_WALKABLE) return undefined;
    throw error;
  }
}

const SPACE = 0x20;

/** Without them a record is none. */
const NEEDED = [AT.eventID, AT.Keys, AT.SequenceNumber];

type PageMember = Member<PageScanner>;

/** A member that is read as a method of the scanner, or of its walker, says. */
function member(name: string, read: PageMember['read']): PageMember {
  return { name: namePattern(name), read };
}

/** A member of which only the place is kept. */
function placed(name: Exclude<keyof typeof AT, 'record'>, walk: PageMember['read']): PageMember {
  const place = AT[name];
  return member(name, (scanner, start) => scanner.place(place, start, walk(scanner, start)));
}

const plainText: PageMember['read'] = ({ walker }, start) => walker.plainText(start);

// In the order of DynamoDB Local, in which they are found at once. Four of them are only passed over.
const CHANGE: readonly PageMember[] = [
  member('ApproximateCreationDateTime', (scanner, start) => scanner.readTime(start)),
  placed('Keys', ({ walker }, start) => walker.item(start)),
  placed('NewImage', ({ walker }, start) => walker.object(start)),
  member('OldImage', (scanner, start) => scanner.readOldImage(start)),
  placed('SequenceNumber', ({ walker }, start) => walker.digitText(start, MAX_DIGITS)),
  member('SizeBytes', ({ walker }, start) => walker.number(start)),
  member('StreamViewType', plainText),
];
const RECORD: readonly PageMember[] = [
  placed('eventID', plainText),
  member('eventName', (scanner, start) => scanner.readEventName(start)),
  member('eventVersion', plainText),
  member('eventSource', plainText),
  placed('awsRegion', plainText),
  member('dynamodb', (scanner, start) => scanner.walker.members(start, CHANGE, scanner)),
  member('userIdentity', (scanner, start) => scanner.readIdentity(start)),
];
const PAGE: readonly PageMember[] = [
  member('Records', (scanner, start) => scanner.readRecords(start)),
  member('NextShardIterator', (scanner, start) => scanner.readIterator(start)),
];

class PageScanner {
  readonly walker: JsonWalker;
  #records: ScannedRecord[] | undefined;
  #iterator: string | undefined;

  // Of the record that is being read:
  #places = nowhere();
  #eventName: string | undefined;
  #time: number | undefined;
  #userIdentity: ChangeRecord['userIdentity'];
  #isReordered = false;

  constructor(bytes: Buffer) {
    this.walker = new JsonWalker(bytes);
  }

  page(): RecordsPage {
    const end = this.walker.members(0, PAGE, this);
    const bytes = this.walker.bytes.length;
    if (end !== bytes || this.#records === undefined) throw NOT_WALKABLE;
    const page = { Records: this.#records, bytes };
    return this.#iterator === undefined ? page : { ...page, NextShardIterator: this.#iterator };
  }

  readIterator(start: number): number {
    const end = this.walker.plainText(start);
    if (end - start === 2) throw NOT_WALKABLE;
    this.#iterator = this.walker.bytes.toString('latin1', start + 1, end - 1);
    return end;
  }

  readRecords(start: number): number {
    const { walker } = this;
    const records: ScannedRecord[] = [];
    this.#records = records;
    return walker.list(start, 0, (at) => {
      const places = nowhere();
      this.#places = places;
      this.#eventName = undefined;
      this.#time = undefined;
      this.#userIdentity = undefined;
      this.#isReordered = false;
      const end = this.place(AT.record, at, walker.members(at, RECORD, this));
      if (this.#eventName === undefined || NEEDED.some((place) => places[place] === 0)) throw NOT_WALKABLE;
      records.push(new ScannedRecord(walker, places, this.#facts(this.#eventName)));
      return end;
    });
  }

  #facts(eventName: string): ScannedFacts {
    return { eventName, time: this.#time, userIdentity: this.#userIdentity, isReordered: this.#isReordered };
  }

  place(place: Place, start: number, end: number): number {
    this.#places[place] = start;
    this.#places[place + 1] = end;
    return end;
  }

  readEventName(start: number): number {
    const end = this.walker.plainText(start);
    this.#eventName = eventNames.of(this.walker, start, end);
    return end;
  }

  readTime(start: number): number {
    const end = this.walker.number(start);
    this.#time = times.of(this.walker, start, end);
    if (this.#time < 0 || this.#time > MAX_EPOCH_SECONDS) throw NOT_WALKABLE;
    return end;
  }

  readIdentity(start: number): number {
    // No member is looked for, but one that is null is not passed over.
    const end = this.walker.members(start, [], this);
    this.#userIdentity = identities.of(this.walker, start, end);
    return end;
  }

  readOldImage(start: number): number {
    const { walker } = this;
    walker.isReordered = false;
    if (walker.corrections.length > 0) walker.corrections = [];
    const end = walker.item(start);
    this.#isReordered = walker.isReordered;
    this.place(AT.OldImage, start, this.#correct(end));
    return end;
  }

  /** Corrects the escapes of the item that ends here, in place, and returns its new end. Spaces are left behind it. */
  #correct(end: number): number {
    const { bytes, corrections } = this.walker;
    const [first] = corrections;
    if (first === undefined) return end;
    let to = first.start;
    for (const [index, correction] of corrections.entries()) {
      bytes.set(correction.bytes, to);
      to += correction.bytes.length;
      const next = corrections[index + 1]?.start ?? end;
      bytes.copyWithin(to, correction.end, next);
      to += next - correction.end;
    }
    bytes.fill(SPACE, to, end);
    return to;
  }
}

/** What a text stands for, made again only when the text is another than the last time. */
class Repeated<T> {
  readonly #make: (text: string) => T;
  #last: { readonly text: Pattern; readonly value: T } | undefined;

  constructor(make: (text: string) => T) {
    this.#make = make;
  }

  of(walker: JsonWalker, start: number, end: number): T {
    const last = this.#last;
    if (last?.text.bytes.length === end - start && walker.holds(start, last.text)) return last.value;
    // A copy, which does not keep the page in memory.
    const text = Buffer.from(walker.bytes.subarray(start, end));
    const value = this.#make(text.toString());
    this.#last = { text: patternOf(text), value };
    return value;
  }
}

// Most records have the same as the one before, so they are made once.
const eventNames = new Repeated<string>(JSON.parse);
const times = new Repeated(Number);
const identities = new Repeated<ChangeRecord['userIdentity']>(JSON.parse);
