import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalNumber, keyNeedles, keyText, matchesKey, parseKey } from '../../../src/restore/key-text.js';

describe('canonicalNumber', () => {
  it.each([
    ['1', '1'],
    ['1.0', '1'],
    ['+01.50', '1.5'],
    ['-0', '0'],
    ['0.000', '0'],
    ['1e2', '100'],
    ['1.5E-3', '0.0015'],
    ['.5', '0.5'],
    ['12345678901234567890123456789012345678', '12345678901234567890123456789012345678'],
    ['-1.20E1', '-12'],
  ])('writes %s as %s', (text, expected) => {
    expect(canonicalNumber(text)).toBe(expected);
  });

  it.each(['', '.', '-', 'abc', '1e', '1e9999', '0x10', '1 2', 'Infinity'])('returns undefined for %j', (text) => {
    expect(canonicalNumber(text)).toBeUndefined();
  });

  it('returns the same text for every spelling of a number', () => {
    const spelled = fc.tuple(fc.bigInt({ min: -(10n ** 38n), max: 10n ** 38n }), fc.integer({ min: -60, max: 60 }));
    fc.assert(
      fc.property(spelled, fc.nat(9), ([digits, exponent], zeros) => {
        const plain = canonicalNumber(`${digits}e${exponent}`);
        expect(canonicalNumber(`${digits}${'0'.repeat(zeros)}e${exponent - zeros}`)).toBe(plain);
        expect(canonicalNumber(plain ?? '')).toBe(plain);
      }),
    );
  });
});

const keyValue = fc.oneof(
  fc.string({ unit: 'binary' }).map((S) => ({ S })),
  fc.bigInt().map((value) => ({ N: String(value) })),
  fc.uint8Array().map((bytes) => ({ B: Buffer.from(bytes).toString('base64') })),
);
const key = fc
  .uniqueArray(fc.tuple(fc.string({ unit: 'binary', minLength: 1 }), keyValue), {
    minLength: 1,
    maxLength: 2,
    selector: ([name]) => name,
  })
  .map((entries) => Object.fromEntries(entries));

describe('keyText', () => {
  it('does not depend on the order of the attributes', () => {
    fc.assert(
      fc.property(key, (one) => {
        expect(keyText(Object.fromEntries(Object.entries(one).toReversed()))).toBe(keyText(one));
      }),
    );
  });

  it('differs for keys that differ', () => {
    fc.assert(
      fc.property(key, key, (one, other) => {
        expect(keyText(one) === keyText(other)).toBe(matchesKey([one], other) && matchesKey([other], one));
      }),
    );
  });
});

describe('keyNeedles', () => {
  it('returns text that is in the JSON of every matching key', () => {
    fc.assert(
      fc.property(key, (one) => {
        const line = JSON.stringify({ type: 'item', Keys: one });
        expect(keyNeedles([one]).every((needle) => line.includes(needle))).toBe(true);
      }),
    );
  });
});

describe('parseKey', () => {
  it('reads back every key in DynamoDB JSON', () => {
    fc.assert(
      fc.property(key, (one) => {
        expect(parseKey(JSON.stringify(one), [])).toEqual([one]);
      }),
    );
  });

  it('accepts a bare value as each type that it can have', () => {
    expect(parseKey('a b', ['PK'])).toEqual([{ PK: { S: 'a b' } }]);
    expect(parseKey('1.0', ['PK'])).toEqual([{ PK: { S: '1.0' } }, { PK: { N: '1' } }]);
    expect(parseKey('12ab', ['PK'])).toEqual([{ PK: { S: '12ab' } }, { PK: { B: '12ab' } }]);
  });

  it('rejects a bare value when the table has two key attributes', () => {
    expect(() => parseKey('x', ['PK', 'SK'])).toThrow(/which of PK and SK/);
  });

  it.each(['{', '{}', '{"PK":"x"}', '{"PK":{"S":1}}', '{"PK":{"N":"x"}}', '{"PK":{"BOOL":true}}', '{"PK":{}}'])(
    'rejects %s',
    (text) => {
      expect(() => parseKey(text, ['PK'])).toThrow(expect.objectContaining({ code: 'USAGE' }));
    },
  );
});

describe('matchesKey', () => {
  it('compares numbers by value, and ignores attributes that are not in the query', () => {
    const stored = { PK: { N: '10' }, SK: { S: 'a' } };
    expect(matchesKey([{ PK: { N: '1.0e1' } }], stored)).toBe(true);
    expect(matchesKey([{ PK: { S: '10' } }], stored)).toBe(false);
    expect(matchesKey([{ SK: { S: 'b' } }, { SK: { S: 'a' } }], stored)).toBe(true);
    expect(matchesKey([{ toString: { S: 'x' } }], stored)).toBe(false);
  });
});
