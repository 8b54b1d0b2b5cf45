import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileNameOf, sortedKeys } from '../../../src/archive/file-name.js';
import type { ChangeRecord, WireItem } from '../../../src/ports/index.js';
import { changeRecord, wireItem } from '../../support/change-record.js';

function nameOf(Keys: WireItem, ttl?: number): string {
  return fileNameOf(changeRecord({ dynamodb: { Keys } }), ttl);
}

const hostileText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme', maxLength: 3000 }),
  fc.constantFrom(
    '../../etc/passwd',
    'a/b',
    'a\\b',
    'CON',
    'con.',
    '..',
    '.',
    '',
    '\n',
    '\u001b[2J',
    '\0',
    '😀'.repeat(512),
    'K',
    'İ',
  ),
);
const anyKeys: fc.Arbitrary<WireItem> = fc.dictionary(
  hostileText,
  fc.tuple(fc.constantFrom('S', 'N', 'B'), hostileText).map(([type, text]) => ({ [type]: text })),
  { minKeys: 1, maxKeys: 2 },
);
const anyRecord: fc.Arbitrary<ChangeRecord> = fc
  .record({ eventID: hostileText, SequenceNumber: hostileText, Keys: anyKeys })
  .map(({ eventID, SequenceNumber, Keys }) => changeRecord({ eventID, dynamodb: { SequenceNumber, Keys } }));
const anyTtl = fc.option(fc.oneof(fc.double({ noNaN: true }), fc.integer()), { nil: undefined });

describe('fileNameOf', () => {
  it('is ttl, key, SequenceNumber and hash', () => {
    expect(nameOf({ PK: { S: 'user-1' } }, 1_795_446_313)).toMatch(
      /^1795446313-user-1-100000000000000000000001-[0-9a-f]{16}\.json$/,
    );
  });

  it.each([
    ['a path', { PK: { S: '../../etc/passwd' } }, /^no-ttl-\._\._etc_passwd-/],
    ['a composite key', { SK: { N: '42' }, PK: { S: 'Tenant A' } }, /^no-ttl-tenant_a\.42-/],
    ['a device name', { PK: { S: 'CON' } }, /^no-ttl-con-/],
    ['an empty key', { PK: { S: '' } }, /^no-ttl-key-/],
    ['emoji', { PK: { S: '😀'.repeat(512) } }, /^no-ttl-_-/],
    ['an escape sequence', { PK: { S: '\u001b[31mred\n' } }, /^no-ttl-_31mred_-/],
    ['binary', { PK: { B: 'AAECAw==' } }, /^no-ttl-aaecaw_-/],
  ])('derives a safe slug from %s', (_name, keys, expected) => {
    expect(nameOf(keys)).toMatch(expected);
  });

  it.each([
    [-5, '0000000000'],
    [0, '0000000000'],
    [1.9, '0000000001'],
    [1e30, '9999999999'],
    [1_795_446_313.5, '1795446313'],
    [Number.MAX_VALUE, '9999999999'],
    [undefined, 'no-ttl'],
  ])('writes the ttl %d as %s', (ttl, expected) => {
    expect(nameOf({ PK: { S: 'x' } }, ttl).startsWith(`${expected}-x-`)).toBe(true);
  });

  it('sorts by expiry, and items without a ttl last', () => {
    const names = [undefined, 1e30, 1_795_446_313, 999_999_999, -1].map((ttl) => nameOf({ PK: { S: 'x' } }, ttl));
    expect(names.toSorted()).toEqual(names.toReversed());
  });

  it('is safe for any record', () => {
    fc.assert(
      fc.property(anyRecord, anyTtl, (record, ttl) => {
        const name = fileNameOf(record, ttl);
        expect(name).toMatch(/^(?:\d{10}|no-ttl)-[a-z0-9._-]+-[a-z0-9]+-[0-9a-f]{16}\.json$/);
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200);
        expect(name).not.toContain('..');
        expect(fileNameOf(structuredClone(record), ttl)).toBe(name);
      }),
    );
  });

  it('is unique for each record', () => {
    fc.assert(
      fc.property(anyRecord, anyRecord, (a, b) => {
        const isSame =
          a.eventID === b.eventID &&
          a.dynamodb.SequenceNumber === b.dynamodb.SequenceNumber &&
          JSON.stringify(sortedKeys(a.dynamodb.Keys)) === JSON.stringify(sortedKeys(b.dynamodb.Keys));
        expect(fileNameOf(a, 1) === fileNameOf(b, 1)).toBe(isSame);
      }),
    );
  });

  it.each([
    ['eventID, as on a re-created table of DynamoDB Local', changeRecord({ eventID: 'event-2' })],
    ['SequenceNumber', changeRecord({ dynamodb: { SequenceNumber: '100000000000000000000002' } })],
    [
      'unsafe characters of the SequenceNumber',
      changeRecord({ dynamodb: { SequenceNumber: '1/00000000000000000000001' } }),
    ],
    ['case of the key alone', changeRecord({ dynamodb: { Keys: { PK: { S: 'USER-1' } } } })],
    ['type of the key alone', changeRecord({ dynamodb: { Keys: { PK: { B: 'user-1' } } } })],
  ])('differs by %s', (_name, other) => {
    expect(fileNameOf(other, 1)).not.toBe(fileNameOf(changeRecord(), 1));
  });

  it('does not depend on the order of the key attributes', () => {
    expect(nameOf({ a: { S: '1' }, b: { S: '2' } })).toBe(nameOf({ b: { S: '2' }, a: { S: '1' } }));
  });
});

describe('sortedKeys', () => {
  it('keeps an attribute named __proto__', () => {
    const keys = wireItem('{"b":{"S":"1"},"__proto__":{"S":"2"}}');
    expect(JSON.stringify(sortedKeys(keys))).toBe('{"__proto__":{"S":"2"},"b":{"S":"1"}}');
  });
});
