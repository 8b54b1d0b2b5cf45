import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonNumber } from '../../../src/archive/number-text.js';

describe('jsonNumber', () => {
  it.each([
    ['0', '0'],
    ['-0', '-0'],
    ['1', '1'],
    ['+1', '1'],
    ['007', '7'],
    ['000', '0'],
    ['.5', '0.5'],
    ['-.5', '-0.5'],
    ['5.', '5'],
    ['00.50', '0.50'],
    ['1.50', '1.50'],
    ['1E+5', '1e+5'],
    ['1e-130', '1e-130'],
    ['+0.1E5', '0.1e5'],
    ['12345678901234567890123456789012345678', '12345678901234567890123456789012345678'],
    ['9.9999999999999999999999999999999999999E+125', '9.9999999999999999999999999999999999999e+125'],
  ])('writes %s as %s', (text, expected) => {
    expect(jsonNumber(text)).toBe(expected);
  });

  it.each([
    '',
    '+',
    '-',
    '.',
    '-.',
    'e5',
    '1e',
    '1e+',
    'NaN',
    'Infinity',
    '0x10',
    '1 ',
    ' 1',
    '1_000',
    '1,5',
    '١',
    '--1',
    '1\n',
  ])('returns undefined for %j', (text) => {
    expect(jsonNumber(text)).toBeUndefined();
  });

  it('always returns JSON of the same value', () => {
    const digits = fc.stringMatching(/^\d{0,38}$/);
    const exponent = fc.option(fc.stringMatching(/^[eE][+-]?\d{1,2}$/), { nil: '' });
    fc.assert(
      fc.property(fc.constantFrom('', '+', '-'), digits, digits, exponent, (sign, whole, fraction, power) => {
        fc.pre(whole !== '' || fraction !== '');
        const text = `${sign}${whole}.${fraction}${power}`;
        expect(JSON.parse(jsonNumber(text) ?? 'null')).toBe(Number(text));
      }),
    );
  });

  it('is not slow on a long text', () => {
    expect(jsonNumber(`${'0'.repeat(500_000)}x`)).toBeUndefined();
  });
});
