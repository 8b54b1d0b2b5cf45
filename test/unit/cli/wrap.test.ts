import { describe, expect, it } from 'vitest';
import { terminalWidthOf, widthOf, wrap } from '../../../src/cli/wrap.js';

describe('wrap', () => {
  it('counts columns, not characters', () => {
    expect(wrap('a ', '归档 归档 归档', 2, 11)).toEqual(['a 归档 归档', '  归档']);
  });
});

describe('widthOf', () => {
  it.each([
    [undefined, 80],
    [0, 80],
    [40, 40],
    [200, 80],
  ])('on a terminal of %s columns', (columns, width) => {
    expect(widthOf({ columns })).toBe(width);
  });
});

describe('terminalWidthOf', () => {
  it('keeps a sentence on one line where it is no terminal', () => {
    expect(terminalWidthOf({ columns: 80 })).toBe(Number.POSITIVE_INFINITY);
    expect(terminalWidthOf({ isTTY: true, columns: 40 })).toBe(40);
  });
});
