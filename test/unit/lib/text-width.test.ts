import { eastAsianWidth } from 'get-east-asian-width';
import { describe, expect, it } from 'vitest';
import { cutToWidth, textWidth } from '../../../src/lib/text-width.js';

const REGIONAL_INDICATOR = /\p{Regional_Indicator}/u;

describe('textWidth', () => {
  it('agrees with EastAsianWidth.txt on every character that is drawn alone', () => {
    const different: string[] = [];
    for (let code = 0x20; code <= 0x10ffff; code++) {
      const character = String.fromCodePoint(code);
      if (!/[\p{L}\p{N}\p{P}\p{S}\p{Zs}\p{Mc}]/u.test(character) || REGIONAL_INDICATOR.test(character)) continue;
      if (textWidth(character) !== eastAsianWidth(code)) different.push(code.toString(16));
    }
    expect(different).toEqual([]);
  });

  it.each([
    ['', 0],
    ['plain', 5],
    ['归档 v1', 7],
    ['e\u0301', 1],
    ['📦', 2],
    ['❤\ufe0f', 2],
    ['ｱ', 1],
  ])('of %j', (text, width) => {
    expect(textWidth(text)).toBe(width);
  });

  it('is never less than a terminal needs for a joined emoji', () => {
    expect(textWidth('👩‍💻')).toBeGreaterThanOrEqual(2);
    expect(textWidth('🇫🇷')).toBeGreaterThanOrEqual(2);
  });
});

describe('cutToWidth', () => {
  it.each([
    ['0123456789', 4, '0123'],
    ['归档归档', 5, '归档'],
    ['📦📦', 3, '📦'],
    ['e\u0301e\u0301', 1, 'e\u0301'],
    ['short', 80, 'short'],
    ['any', -1, ''],
  ])('%j to %i columns', (text, columns, cut) => {
    expect(cutToWidth(text, columns)).toBe(cut);
  });
});
