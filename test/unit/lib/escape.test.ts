import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeJson, escapeText, toJsonLine } from '../../../src/lib/escape.js';

/** Independent of the code: what untrusted text must never send to a terminal. */
const DANGEROUS = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/u;

const anyText = fc.string({ unit: 'binary', maxLength: 40 });

describe('escapeText', () => {
  it('escapes what would move the cursor, start an escape sequence or reverse the text', () => {
    expect(escapeText('a\u001b[31mb\nc\td\u202ee\u009bf\u0007\u007f')).toBe(
      'a\\u001b[31mb\\nc\\td\\u202ee\\u009bf\\u0007\\u007f',
    );
  });

  it('leaves letters, emoji and spaces unchanged', () => {
    expect(escapeText('Zoë 日本 👩‍💻 שלום')).toBe('Zoë 日本 👩‍💻 שלום');
  });

  it('escapes everything dangerous', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(escapeText(text)).not.toMatch(DANGEROUS);
      }),
    );
  });
});

describe('escapeJson', () => {
  it('escapes a long text in bounded memory and splits no character', () => {
    for (const shift of ['', 'x']) {
      const text = `${shift}${'👩\u009b'.repeat(200_000)}`;
      expect(escapeJson(text)).toBe(`${shift}${'👩\\u009b'.repeat(200_000)}`);
    }
  });

  it('keeps the meaning and escapes everything dangerous', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const json = escapeJson(JSON.stringify({ [text]: text }));
        expect(DANGEROUS.test(json)).toBe(false);
        expect(JSON.parse(json)).toEqual({ [text]: text });
      }),
    );
  });
});

describe('toJsonLine', () => {
  it('returns one line', () => {
    expect(toJsonLine({ a: 'x\ny\u2028' })).toBe('{"a":"x\\ny\\u2028"}\n');
  });
});
