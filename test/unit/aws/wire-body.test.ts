import { describe, expect, it } from 'vitest';
import { nextShardIteratorIn } from '../../../src/aws/wire-body.js';

const next = (text: string) => nextShardIteratorIn(Buffer.from(text));

describe('nextShardIteratorIn', () => {
  it('finds the iterator at either end of a response', () => {
    expect(next('{"Records":[{"a":1}],"NextShardIterator":"arn:x|1|ab+/="}')).toBe('arn:x|1|ab+/=');
    expect(next('{"NextShardIterator":"arn:x|1|ab+/=","Records":[{"a":1}]}')).toBe('arn:x|1|ab+/=');
    expect(next(`{"Records":["${'é'.repeat(9000)}"],"NextShardIterator":"it"}`)).toBe('it');
  });

  it('finds none where there is none, or not one that can be read without parsing', () => {
    expect(next('{"Records":[]}')).toBeUndefined();
    expect(next('{"Records":[],"NextShardIterator":null}')).toBeUndefined();
    expect(next('{"Records":[],"NextShardIterator":"a\\"b"}')).toBeUndefined();
    expect(next('{"Records":[{"S":"x"}')).toBeUndefined();
    expect(next('')).toBeUndefined();
  });

  it('ignores an item that looks like the iterator', () => {
    const inside = JSON.stringify({ Records: [{ S: ',"NextShardIterator":"trap"}' }] });
    expect(next(inside)).toBeUndefined();
    expect(next('{"Records":[{"NextShardIterator":"trap"}]}')).toBeUndefined();
  });
});
