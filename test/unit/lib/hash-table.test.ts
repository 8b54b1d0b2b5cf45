import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HashTable } from '../../../src/lib/hash-table.js';

describe('HashTable', () => {
  it('behaves like a Map', () => {
    const operations = fc.array(fc.tuple(fc.string({ maxLength: 3 }), fc.nat({ max: 2 ** 32 - 1 })), {
      maxLength: 300,
    });
    fc.assert(
      fc.property(operations, (sets) => {
        const table = new HashTable();
        const map = new Map<string, number>();
        for (const [text, value] of sets) {
          expect(table.set(text, value)).toBe(!map.has(text));
          map.set(text, value);
        }
        expect(table.size).toBe(map.size);
        for (const [text, value] of map) expect(table.get(text)).toBe(value);
        expect(table.has('not there')).toBe(false);
      }),
    );
  });

  it('keeps every text when it grows many times', () => {
    const table = new HashTable();
    for (let index = 0; index < 50_000; index++) table.set(`name-${index}`, index);
    expect(table.size).toBe(50_000);
    for (let index = 0; index < 50_000; index += 97) expect(table.get(`name-${index}`)).toBe(index);
    expect(table.has('name-50000')).toBe(false);
  });
});
