import { describe, expect, it } from 'vitest';
import { formatKeySchema, parseKeySchema } from '../../../src/table/key-schema.js';

describe('parseKeySchema', () => {
  it.each([
    ['PK', [{ name: 'PK', keyType: 'HASH', type: 'S' }]],
    ['PK:B', [{ name: 'PK', keyType: 'HASH', type: 'B' }]],
    [
      ' PK:S , SK:N ',
      [
        { name: 'PK', keyType: 'HASH', type: 'S' },
        { name: 'SK', keyType: 'RANGE', type: 'N' },
      ],
    ],
    ['a:b:N', [{ name: 'a:b', keyType: 'HASH', type: 'N' }]],
  ])('reads %j', (text, expected) => {
    expect(parseKeySchema(text)).toEqual(expected);
  });

  it.each([
    ['', 'without a name'],
    [':S', 'without a name'],
    ['PK:S,', 'without a name'],
    ['PK:X', 'other than S, N and B'],
    ['PK:s', 'other than S, N and B'],
    ['PK,SK,XK', 'more than two'],
    ['PK,PK:N', 'twice'],
    ['é'.repeat(128), '255 bytes'],
  ])('rejects %j', (text, why) => {
    expect(() => parseKeySchema(text)).toThrowError(
      expect.objectContaining({ code: 'USAGE', message: expect.stringContaining(why) }),
    );
  });

  it('shows no control character in its error', () => {
    expect(() => parseKeySchema('\u001b[31m\u009b:X')).toThrowError(
      expect.objectContaining({ message: expect.not.stringMatching(/\p{Cc}/u) }),
    );
  });
});

describe('formatKeySchema', () => {
  it('writes what parseKeySchema reads', () => {
    expect(formatKeySchema(parseKeySchema('PK,SK:N'))).toBe('PK:S,SK:N');
  });
});
