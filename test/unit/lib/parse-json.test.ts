import { describe, expect, it } from 'vitest';
import { parseJson } from '../../../src/lib/parse-json.js';

describe('parseJson', () => {
  it('returns the value, also of the deepest item that DynamoDB accepts', () => {
    const deep = `${'{"M":{"a":'.repeat(32)}{"S":"x"}${'}}'.repeat(32)}`;
    expect(parseJson(`{"Item":${deep}}`)).toEqual({ value: { Item: JSON.parse(deep) } });
    expect(parseJson('{"__proto__":{"a":1}}')).toEqual({ value: JSON.parse('{"__proto__":{"a":1}}') });
  });

  it.each(['', '{', '\ufeff{}', 'nul', '"\u0000"'])('reports that %j is not JSON', (text) => {
    expect(parseJson(text)).toEqual({ problem: 'it is not valid JSON' });
  });

  it.each(['[', '{"a":'])('rejects a hundred thousand times %j, which would overflow the stack later', (open) => {
    const depth = 100_000;
    const text = open.repeat(depth) + (open === '[' ? ']'.repeat(depth) : `1${'}'.repeat(depth)}`);
    expect(parseJson(text)).toEqual({ problem: 'it is nested too deeply' });
  });

  it.each(['[]', '0', '{}', '""'])('rejects five million times %j without creating objects', (value) => {
    const text = `[${`${value},`.repeat(5_000_000)}0]`;
    const before = process.memoryUsage().heapUsed;
    expect(parseJson(text)).toEqual({ problem: 'it holds too many values' });
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(50e6);
  });
});
