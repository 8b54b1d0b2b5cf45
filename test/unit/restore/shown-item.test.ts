import { describe, expect, it } from 'vitest';
import { shownItem } from '../../../src/restore/shown-item.js';

describe('shownItem', () => {
  it.each([
    ['files', 'item', '{"PK":{"S":"a"}}\n', '{"PK":{"S":"a"}}'],
    ['segments', 'item', '{"Item":{"PK":{"S":"a"}}}', '{"PK":{"S":"a"}}'],
    // Unparsed: JSON.parse would change the number.
    [
      'files',
      'plain',
      '{"n":12345678901234567890123456789012345678.50}\n',
      '{"n":12345678901234567890123456789012345678.50}',
    ],
    ['segments', 'plain', '{"Item":{"PK":"a"}}', '{"Item":{"PK":"a"}}'],
    ['segments', 'record', '{"eventID":"1"}', '{"eventID":"1"}'],
  ] as const)('gives the item of %s with format %s', (layout, format, text, shown) => {
    expect(shownItem(text, { layout, format })).toBe(shown);
  });
});
