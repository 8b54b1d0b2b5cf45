import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GrowingText, withText } from '../../../src/lib/growing-text.js';

describe('GrowingText', () => {
  it('gives the UTF-8 of what was added since the last clear', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.integer({ min: 0, max: 300_000 }).map((length) => '€'.repeat(length)),
    );
    const text = new GrowingText();
    fc.assert(
      fc.property(fc.array(piece), piece, (before, last) => {
        text.clear();
        for (const each of before) text.add(each);
        const start = text.length;
        text.add(last);
        expect(text.since(start).equals(Buffer.from(last))).toBe(true);
        expect(text.since(0).equals(Buffer.from(before.join('') + last))).toBe(true);
      }),
    );
  });

  it('leaves what it gave as it was when more is added', () => {
    const text = new GrowingText();
    text.add('first');
    const first = text.since(0);
    text.add('x'.repeat(1_000_000));
    expect(first.toString()).toBe('first');
  });
});

describe('withText', () => {
  it('lends each text to one at a time, and empty', async () => {
    const lent = new Set<GrowingText>();
    const lend = (left: number): Promise<void> =>
      withText(async (text) => {
        expect([text.length, lent.has(text)]).toEqual([0, false]);
        lent.add(text);
        text.add('x'.repeat(left));
        if (left > 0) await Promise.all([lend(left - 1), lend(left - 1)]);
        lent.delete(text);
      });
    await lend(4);
    await expect(withText(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    await lend(4);
    expect(lent.size).toBe(0);
  });
});
