import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { formatBytes, formatCount, parseBytes, parseInteger } from '../../../src/cli/numbers.js';

describe('parseInteger', () => {
  it('parses whole numbers within its limits', () => {
    expect(parseInteger(1, 10)('1')).toBe(1);
    expect(parseInteger(1, 10)('10')).toBe(10);
  });

  it.each(['0', '11', '-1', '1.5', '1e1', '', ' 1', 'ten', '0x1', '９'])('rejects %j', (text) => {
    expect(() => parseInteger(1, 10)(text)).toThrow(InvalidArgumentError);
  });
});

describe('parseBytes', () => {
  it.each([
    ['1', 1],
    ['512KB', 524_288],
    ['64MB', 67_108_864],
    ['64mb', 67_108_864],
    ['1GB', 1_073_741_824],
  ])('reads %j', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes);
  });

  it.each(['0', '0MB', '-1', '1.5MB', '64M', '1TB', '', 'MB', '99999999999GB'])('rejects %j', (text) => {
    expect(() => parseBytes(text)).toThrow(InvalidArgumentError);
  });
});

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1536, '1.5 KB'],
    [64 * 2 ** 20, '64 MB'],
    [3 * 2 ** 30, '3.0 GB'],
  ])('writes %d as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe('formatCount', () => {
  it('writes a comma every three digits', () => {
    expect(formatCount(1_234_567)).toBe('1,234,567');
  });
});
