import * as fc from 'fast-check';
import type { WireItem, WireValue } from '../../src/ports/index.js';

/** Names and keys that were chosen to break files, terminals, JSON and JavaScript objects. */
const HOSTILE = [
  '../../etc/passwd',
  'con',
  '.',
  ' ',
  '-rf',
  '__proto__',
  'constructor',
  'Item',
  'Keys',
  'a"b\\c\'d`e',
  'line\nfeed\r\ttab',
  '\u001b[2J\u0007',
  '\u202eright-to-left',
  'ſK', // letters that change under case folding
  '🧊👩‍👩‍👧',
  '{"S":"x"}',
  '"Keys":{"PK":{"S":"other"}}',
  'x'.repeat(1000),
];

const text = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(...HOSTILE) },
  { weight: 4, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
);
const nonEmptyText = text.filter((value) => value !== '');
const name = nonEmptyText.filter((value) => value.length < 200);
const digits = fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n });
/** Up to 38 digits, from 1E-130 to 9.99…E+125, as DynamoDB takes them. */
const number = fc
  .tuple(digits, fc.integer({ min: -90, max: 80 }), fc.boolean())
  .map(([mantissa, exponent, isPlain]) => (isPlain ? String(mantissa) : `${mantissa}E${exponent}`));
const binary = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('base64'));
const nonEmptyBinary = binary.filter((value) => value !== '');

const scalar: fc.Arbitrary<WireValue> = fc.oneof(
  text.map((S) => ({ S })),
  number.map((N) => ({ N })),
  binary.map((B) => ({ B })),
  fc.boolean().map((BOOL) => ({ BOOL })),
  fc.constant({ NULL: true }),
);
const set: fc.Arbitrary<WireValue> = fc.oneof(
  fc.uniqueArray(nonEmptyText, { minLength: 1, maxLength: 5 }).map((SS) => ({ SS })),
  fc.uniqueArray(digits.map(String), { minLength: 1, maxLength: 5 }).map((NS) => ({ NS })),
  fc.uniqueArray(nonEmptyBinary, { minLength: 1, maxLength: 5 }).map((BS) => ({ BS })),
);
const { value } = fc.letrec<{ value: WireValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'value' },
    scalar,
    set,
    fc.array(tie('value'), { maxLength: 3, depthIdentifier: 'value' }).map((L) => ({ L })),
    attributes(tie('value')).map((M) => ({ M })),
  ),
}));

function attributes(of: fc.Arbitrary<WireValue>): fc.Arbitrary<WireItem> {
  return fc
    .uniqueArray(fc.tuple(name, of), { maxLength: 4, selector: ([attribute]) => attribute, depthIdentifier: 'value' })
    .map((entries) => Object.fromEntries(entries));
}

/** 31 levels of lists and maps, as deep as DynamoDB takes them. */
function nested(levels: number): WireValue {
  return levels === 0 ? { N: '1' } : levels % 2 === 0 ? { L: [nested(levels - 1)] } : { M: { m: nested(levels - 1) } };
}

/**
 * Items with the keys PK (S) and SK (B), every attribute type, hostile names and values, and a ttl that is a number, of
 * another type, or not there; TTL does not delete them before 2038. The same seed gives the same items.
 */
export function anyItems(count: number, seed: number): WireItem[] {
  const ttl = fc.oneof(
    fc.integer({ min: 2 ** 31, max: 2 ** 33 }).map((N) => ({ N: String(N) })),
    scalar,
  );
  const key = fc.tuple(nonEmptyText, nonEmptyBinary);
  const item = fc
    .tuple(key, attributes(value), fc.option(ttl, { freq: 5 }))
    .map(([[PK, SK], others, expiry]): WireItem => {
      const own = Object.entries(others).filter(([attribute]) => !['PK', 'SK', 'ttl'].includes(attribute));
      const entries = [['PK', { S: PK }], ['SK', { B: SK }], ...own, ...(expiry === null ? [] : [['ttl', expiry]])];
      return Object.fromEntries(entries);
    });
  const items = fc.sample(item, { numRuns: count, seed });
  return items.map((sample, index) => ({
    ...sample,
    // No two of the same key, without making the keys any tamer.
    SK: { B: Buffer.from(`${index}:${String(sample['SK']?.['B'])}`).toString('base64') },
    ...(index % 100 === 0 ? { nested: nested(31) } : {}),
  }));
}
