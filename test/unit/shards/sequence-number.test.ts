import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareSequenceNumbers, isSequenceNumber } from '../../../src/shards/sequence-number.js';

describe('compareSequenceNumbers', () => {
  it('compares by value when the lengths differ, where text order is wrong', () => {
    expect(compareSequenceNumbers('999999999999999999999', '1000000000000000000000')).toBeLessThan(0);
    expect(compareSequenceNumbers('1000000000000000000000', '999999999999999999999')).toBeGreaterThan(0);
  });

  it('distinguishes adjacent numbers, where Number is wrong', () => {
    expect(compareSequenceNumbers('300000000000000000000000001', '300000000000000000000000002')).toBeLessThan(0);
    expect(compareSequenceNumbers('0300000000000000000000000001', '300000000000000000000000002')).toBeLessThan(0);
  });

  it('orders as BigInt does, zero-padded and short ones included', () => {
    const digits = fc.stringMatching(/^\d{1,40}$/);
    fc.assert(
      fc.property(digits, digits, (a, b) => {
        const expected = BigInt(a) === BigInt(b) ? 0 : BigInt(a) < BigInt(b) ? -1 : 1;
        expect(Math.sign(compareSequenceNumbers(a, b))).toBe(expected);
      }),
    );
  });

  it('rejects what is not a decimal number of at most 40 digits as BAD_RESPONSE', () => {
    for (const text of ['', 'abc', '-1', '0x10', '1e5', ' 1', '1'.repeat(41)]) {
      expect(isSequenceNumber(text)).toBe(false);
      expect(() => compareSequenceNumbers(text, '1')).toThrow(expect.objectContaining({ code: 'BAD_RESPONSE' }));
      expect(() => compareSequenceNumbers('1', text)).toThrow(expect.objectContaining({ code: 'BAD_RESPONSE' }));
    }
  });
});
