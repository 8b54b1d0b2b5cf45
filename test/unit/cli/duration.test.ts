import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { parseDuration, parsePositiveDuration } from '../../../src/cli/duration.js';

describe('parseDuration', () => {
  it.each([
    ['250ms', 250],
    ['10s', 10_000],
    ['10', 10_000],
    ['1.5s', 1500],
    ['0', 0],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    [' 3s ', 3000],
  ])('reads %j', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each(['', 'banana', '-1s', '10 s', '1w', '1e3', 's', '0x10', '1.s', '99999999d', 'Infinity', '10S'])(
    'rejects %j',
    (text) => {
      expect(() => parseDuration(text)).toThrow(InvalidArgumentError);
    },
  );
});

describe('parsePositiveDuration', () => {
  it('rejects zero, and what rounds to it', () => {
    expect(() => parsePositiveDuration('0s')).toThrow(InvalidArgumentError);
    expect(() => parsePositiveDuration('0.1ms')).toThrow(InvalidArgumentError);
    expect(parsePositiveDuration('1ms')).toBe(1);
  });
});
