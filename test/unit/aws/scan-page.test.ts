import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parsedPage, recordsPageOf } from '../../../src/aws/records-page.js';
import { scanPage } from '../../../src/aws/scan-page.js';
import type { RecordsPage } from '../../../src/ports/index.js';
import { mutatedBytes } from '../../support/mutate.js';
import { pageFacts } from '../../support/page-facts.js';
import { seededRandom } from '../../support/streams-server.js';

type Random = () => number;

const PAGES = 300;
const MUTATIONS = 3000;
const CHARACTERS = [
  'a',
  'Z',
  '7',
  ' ',
  '"',
  '\\',
  '/',
  '\n',
  '\u0000',
  '\u001f',
  '\u007f',
  'é',
  '乾',
  '\u2028',
  '🗄',
  '\ud800',
];
const NAMES = ['PK', 'ttl', '1', '007', 'a b', 'ü', '__proto__', 'constructor', '"', 'S', 'OldImage', 'dynamodb', ''];

const pick = <T>(list: readonly T[], random: Random): T => {
  const picked = list[Math.floor(random() * list.length)];
  if (picked === undefined) throw new TypeError('an empty list');
  return picked;
};
const times = <T>(count: number, make: () => T): T[] => Array.from({ length: Math.floor(count) }, make);
const textOf = (random: Random): string => times(random() * 12, () => pick(CHARACTERS, random)).join('');

function valueOf(random: Random, depth = 0): object {
  const kind = Math.floor(random() * (depth > 3 ? 6 : 8));
  if (kind === 0) return { N: pick(['1795446313', '-1.50', '1E+3', 'x'], random) };
  if (kind === 1) return { B: Buffer.from(textOf(random)).toString('base64') };
  if (kind === 2) return { BOOL: random() < 0.5 };
  if (kind === 3) return { NULL: true };
  if (kind === 4) return { SS: times(random() * 4, () => textOf(random)) };
  if (kind === 6) return { M: itemOf(random, depth + 1) };
  if (kind === 7) return { L: times(random() * 4, () => valueOf(random, depth + 1)) };
  return { S: textOf(random) };
}

function itemOf(random: Random, depth = 0): object {
  return Object.fromEntries(times(random() * 6, () => [pick(NAMES, random), valueOf(random, depth)]));
}

const shuffled = (members: Record<string, unknown>, random: Random): object =>
  Object.fromEntries(
    Object.entries(members)
      .filter(([, value]) => value !== undefined)
      .map((entry) => ({ entry, at: random() }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ entry }) => entry),
  );

function recordOf(random: Random): object {
  const maybe = <T>(value: T): T | undefined => (random() < 0.6 ? value : undefined);
  const dynamodb = shuffled(
    {
      ApproximateCreationDateTime: maybe(pick([1795446313, 0, 1.5, 1479499740], random)),
      Keys: { PK: { S: textOf(random) }, ...(random() < 0.3 && { SK: { N: '7' } }) },
      NewImage: maybe(itemOf(random)),
      OldImage: maybe(itemOf(random)),
      SequenceNumber: String(Math.floor(random() * 1e9)).padStart(21, '0'),
      SizeBytes: maybe(-12.5e-3),
      StreamViewType: 'NEW_AND_OLD_IMAGES',
      Later: maybe([{ M: true }, 7.25].slice(0, 1)),
    },
    random,
  );
  return shuffled(
    {
      eventID: textOf(random).replaceAll(/[^ -[\]-~]|"/g, '') || 'e',
      eventName: pick(['INSERT', 'MODIFY', 'REMOVE', 'UNKNOWN_TO_SDK_VERSION'], random),
      eventVersion: '1.1',
      eventSource: maybe('aws:dynamodb'),
      awsRegion: maybe('eu-west-1'),
      userIdentity: maybe({ Type: 'Service', PrincipalId: pick(['dynamodb.amazonaws.com', 'é'], random) }),
      dynamodb,
    },
    random,
  );
}

/** JSON as servers write it: some escape more than they must. */
function asSent(value: object, random: Random): string {
  const text = JSON.stringify(value);
  const roll = random();
  if (roll < 0.4) return text;
  return text.replaceAll(roll < 0.7 ? /[\u{10000}-\u{10ffff}]/gu : /[^ -~]|\//gu, (character) =>
    random() < 0.2 ? character : escapeOf(character, random),
  );
}

function escapeOf(character: string, random: Random): string {
  if (character === '/') return '\\/';
  return character.replaceAll(/[\s\S]/g, (unit) => {
    const hex = unit.charCodeAt(0).toString(16).padStart(4, '0');
    return `\\u${random() < 0.5 ? hex : hex.toUpperCase()}`;
  });
}

function pageText(random: Random): string {
  const page = {
    Records: times(random() * 5, () => recordOf(random)),
    NextShardIterator: random() < 0.7 ? 'arn:aws:it|1|abc==' : undefined,
  };
  return asSent(shuffled(page, random), random);
}

/** What the page tells, and its records as the format `record` archives them. */
function told(page: RecordsPage): object {
  return { ...pageFacts(page), bytes: page.bytes, json: JSON.stringify(page.Records) };
}

const seed = Number(process.env['SEED'] ?? randomInt(2 ** 31));

describe(`scanPage, seed ${seed}`, () => {
  it('tells the same as parsing the page', () => {
    const random = seededRandom(seed);
    let scanned = 0;
    for (let page = 0; page < PAGES; page++) {
      const text = pageText(random);
      const parsed = parsedPage(Buffer.from(text));
      const found = scanPage(Buffer.from(text));
      if (found === undefined) continue;
      scanned++;
      expect(told(found)).toEqual(told(parsed));
    }
    expect(scanned).toBeGreaterThan(PAGES / 2);
  });

  it('has of each OldImage the bytes that JSON.stringify gives for the parsed one', () => {
    const random = seededRandom(seed);
    let compared = 0;
    for (let page = 0; page < PAGES; page++) {
      const text = pageText(random);
      const parsed = parsedPage(Buffer.from(text)).Records;
      for (const [index, { oldImageText }] of (scanPage(Buffer.from(text))?.Records ?? []).entries()) {
        if (oldImageText === undefined) continue;
        compared++;
        const { OldImage } = parsed[index]?.dynamodb ?? {};
        expect(oldImageText.json.toString()).toBe(JSON.stringify(OldImage));
        for (const name of NAMES) {
          const number = OldImage !== undefined && Object.hasOwn(OldImage, name) ? OldImage[name]?.['N'] : undefined;
          expect(oldImageText.numberOf(name)).toBe(number);
        }
      }
    }
    expect(compared).toBeGreaterThan(PAGES / 4);
  });

  it('takes no damaged page that parsing rejects, and reads none otherwise', () => {
    const random = seededRandom(seed);
    let taken = 0;
    for (let round = 0; round < MUTATIONS; round++) {
      const { bytes, how } = mutatedBytes(Buffer.from(pageText(random)), random);
      const found = scanPage(Buffer.from(bytes));
      if (found === undefined) continue;
      taken++;
      const parsed = parsedPage(bytes);
      expect({ how, ...told(found) }).toEqual({ how, ...told(parsed) });
      const images = found.Records.map(({ oldImageText: text }) => text && JSON.parse(text.json.toString()));
      const asParsed = parsed.Records.map(({ dynamodb: { OldImage } }, index) => images[index] && OldImage);
      expect(images).toEqual(asParsed);
    }
    expect(taken).toBeGreaterThan(MUTATIONS / 50);
  });
});

const dynamodb = { Keys: { PK: { S: 'k' } }, OldImage: { PK: { S: 'k' } }, SequenceNumber: '1' };
const record = { eventID: 'e', eventName: 'REMOVE', dynamodb };
const scan = (page: unknown): RecordsPage | undefined => scanPage(Buffer.from(JSON.stringify(page)));

describe('scanPage', () => {
  it('does not keep a page in memory for a SequenceNumber', () => {
    const body = Buffer.from(JSON.stringify({ Records: [record] }));
    const number = scanPage(body)?.Records[0]?.dynamodb.SequenceNumber;
    body.fill('x');
    expect(number).toBe('1');
  });

  it.each([
    ['members that are null', { Records: [{ ...record, userIdentity: null }] }],
    ['a null in the userIdentity', { Records: [{ ...record, userIdentity: { Type: null } }] }],
    ['an unknown member that is null', { Records: [{ ...record, Later: null }] }],
    ['an iterator that is null', { Records: [record], NextShardIterator: null }],
    ['no records', { NextShardIterator: 'it' }],
    ['a record without SequenceNumber', { Records: [{ ...record, dynamodb: { Keys: {} } }] }],
    [
      'a SequenceNumber that is too long',
      { Records: [{ ...record, dynamodb: { Keys: {}, SequenceNumber: '9'.repeat(41) } }] },
    ],
    [
      'a time that is no time',
      { Records: [{ ...record, dynamodb: { ...dynamodb, ApproximateCreationDateTime: 1e300 } }] },
    ],
    ['an attribute that is no object', { Records: [{ ...record, dynamodb: { ...dynamodb, OldImage: { a: 'x' } } }] }],
    ['a number in an item', { Records: [{ ...record, dynamodb: { ...dynamodb, OldImage: { a: { N: 1 } } } }] }],
  ])('leaves %s to the parser', (_what, page) => {
    expect(scan({ Records: [record] })).toBeDefined();
    expect(scan(page)).toBeUndefined();
  });

  it.each([
    ['a member whose name is escaped', (text: string) => text.replace('"eventName"', '"event\\u004eame"')],
    ['a member that is sent twice', (text: string) => text.replace('"eventID":"e"', '"eventID":"e","eventID":"f"')],
    ['whitespace', (text: string) => text.replace(',', ', ')],
    ['more than the page', (text: string) => `${text} `],
  ])('leaves %s to the parser', (_what, change) => {
    const text = JSON.stringify({ Records: [record] });
    expect(change(text)).not.toBe(text);
    expect(scanPage(Buffer.from(change(text)))).toBeUndefined();
  });

  it('leaves what is nested absurdly deep to the parser', () => {
    const deep = (levels: number) => `{"Records":[${'['.repeat(levels)}${']'.repeat(levels)}]}`;
    expect(scanPage(Buffer.from(deep(100_000)))).toBeUndefined();
  });

  it('leaves bytes that are not UTF-8 to the parser, which replaces them', () => {
    const body = Buffer.from(JSON.stringify({ Records: [record] }));
    body[body.indexOf('"k"') + 1] = 0xff;
    expect(scanPage(Buffer.from(body))).toBeUndefined();
    expect(recordsPageOf(body).Records[0]?.dynamodb.Keys).toEqual({ PK: { S: '\ufffd' } });
  });

  it('has no text of an OldImage whose members JavaScript would move', () => {
    const text = JSON.stringify({ Records: [record] }).replace(
      '"OldImage":{',
      '"OldImage":{"b":{"S":""},"10":{"S":""},',
    );
    const [scanned] = scanPage(Buffer.from(text))?.Records ?? [];
    expect(scanned?.oldImageText).toBeUndefined();
    expect(scanned?.dynamodb.OldImage).toEqual({ PK: { S: 'k' }, b: { S: '' }, 10: { S: '' } });
  });

  it('tells the whole record when it is written as JSON, after its escapes were corrected', () => {
    const sent = JSON.stringify({ Records: [record] }).replace('"OldImage":{', '"OldImage":{"a":{"S":"\\u00e9\\/"},');
    const [scanned] = scanPage(Buffer.from(sent))?.Records ?? [];
    expect(scanned?.oldImageText?.json.toString()).toBe('{"a":{"S":"é/"},"PK":{"S":"k"}}');
    expect(JSON.stringify(scanned)).toBe(JSON.stringify(JSON.parse(sent).Records[0]));
  });
});
