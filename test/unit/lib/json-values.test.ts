import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonValues } from '../../../src/lib/json-values.js';

const isWhole = (text: string) => {
  try {
    return Object.hasOwn(JSON.parse(text), 'PK');
  } catch {
    return false;
  }
};

function cut(text: string, piece = text.length || 1, limit = 1_000_000) {
  const values = new JsonValues({ limit, isWhole });
  const bytes = Buffer.from(text);
  const found = [];
  for (let start = 0; start < bytes.length; start += piece)
    found.push(...values.push(bytes.subarray(start, start + piece)));
  return [...found, ...values.end()];
}

const texts = (text: string, piece?: number) => cut(text, piece).map((value) => value.text);

describe('JsonValues', () => {
  it.each([
    ['one a line', '{"PK":1}\n{"PK":2}\n', ['{"PK":1}', '{"PK":2}']],
    ['without line breaks between them', '{"PK":1}{"PK":2} {"PK":3}', ['{"PK":1}', '{"PK":2}', '{"PK":3}']],
    ['the elements of an array', '[\n  {"PK":[1]},\n  {"PK":2}\n]\n', ['{"PK":[1]}', '{"PK":2}']],
    ['over many lines', '{\n  "PK": {\n    "S": "}{"\n  }\n}', ['{\n  "PK": {\n    "S": "}{"\n  }\n}']],
    ['brackets and quotes in strings', '{"PK":"}\\"]\\\\"}{"PK":2}', ['{"PK":"}\\"]\\\\"}', '{"PK":2}']],
    ['nothing', ' \n\r\n', []],
  ])('finds values: %s', (_, text, expected) => {
    for (const piece of [1, 3, 1000]) expect(texts(text, piece)).toEqual(expected);
  });

  it.each([
    ['cut in a string', '{"PK":"a'],
    ['cut after a name', '{"PK":'],
    ['cut after a value', '{"PK":{"S":"a"}'],
    ['malformed', 'nonsense'],
    ['no object', '"text"'],
    ['cut in an escape', '{"PK":"a\\'],
  ])('loses only the line that is %s', (_, bad) => {
    for (const piece of [1, 7, 1000]) {
      const lines = [bad, '{"PK":1}', '{"PK":2}', bad, '{"PK":3}', bad];
      expect(texts(lines.join('\n'), piece)).toEqual(lines);
    }
  });

  it('numbers the lines, and the values of a line', () => {
    expect(cut('{"PK":1}{"PK":2}\n\n{\n"PK":3}\n{"PK":4}').map(({ line, nth }) => [line, nth])).toEqual([
      [1, 1],
      [1, 2],
      [3, 1],
      [5, 1],
    ]);
  });

  it('skips a value that is too long, in memory for one value', () => {
    const text = `{"PK":"${'x'.repeat(5000)}"}\n{"PK":1}\n`;
    expect(cut(text, 100, 1000)).toMatchObject([
      { text: '', line: 1, tooLong: true },
      { text: '{"PK":1}', line: 2 },
    ]);
  });

  it('returns every valid value, however they are joined and split into chunks', () => {
    const good = fc.record({ PK: fc.string({ unit: 'grapheme' }), more: fc.jsonValue({ maxDepth: 3 }) });
    const pretty = fc.constantFrom(0, 2);
    const separator = fc.constantFrom('\n', '\r\n', '', ' ', ',\n');
    fc.assert(
      fc.property(fc.array(fc.tuple(good, pretty, separator)), fc.integer({ min: 1, max: 40 }), (values, piece) => {
        const text = values.map(([value, spaces, end]) => `${JSON.stringify(value, null, spaces)}${end}`).join('');
        expect(texts(text, piece).map((found) => JSON.parse(found))).toEqual(
          values.map(([value]) => JSON.parse(JSON.stringify(value))),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('returns every valid line between damaged ones', () => {
    const line = JSON.stringify({ PK: 'a', list: [{ x: '}{' }], text: '"\\' });
    const part = fc.oneof(
      fc.constant(line),
      fc.integer({ min: 1, max: line.length - 1 }).map((length) => line.slice(0, length)),
      fc.constantFrom('nonsense', '}', ']', '"', '\\', 'null'),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 20 }), fc.integer({ min: 1, max: 50 }), (lines, piece) => {
        const found = texts(lines.join('\n'), piece);
        expect(found.filter((text) => text === line)).toHaveLength(lines.filter((text) => text === line).length);
      }),
      { numRuns: 500 },
    );
  });
});
