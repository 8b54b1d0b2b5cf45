import { describe, expect, it } from 'vitest';
import { checkText, verdictText } from '../../../src/cli/doctor-text.js';
import type { DoctorCheck } from '../../../src/table/doctor-check.js';

const LONG: DoctorCheck = {
  check: 'items.date',
  result: 'warn',
  says: 'One of the items has an attribute that is not what it has to be for what it is there for.',
  why: 'TTL takes Numbers of epoch seconds only, so that this item is going to stay there until somebody deletes it.',
  remedy: 'Write a Number of epoch seconds, and write the items again that have the text of a date in that attribute.',
};

describe('checkText', () => {
  it.each([
    [40, 40],
    [80, 80],
    [200, 80],
    [0, 80],
    [undefined, 80],
  ])('fits into a terminal with %s columns, and into 80', (columns, width) => {
    const lines = checkText(LONG, [], columns).trimEnd().split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
    expect(Math.max(...lines.map((line) => line.length))).toBeGreaterThan(width - 15);
  });

  it('tells the results apart without colors', () => {
    const marks = (['ok', 'note', 'warn', 'fail'] as const).map((result) =>
      checkText({ ...LONG, result }, [], 80).slice(0, 5),
    );
    expect(marks).toEqual(['ok   ', 'note ', 'warn ', 'FAIL ']);
  });

  it('keeps a command on one line, so that it can be pasted', () => {
    const command = `ttl-archive setup --table ${'x'.repeat(100)} --local`;
    expect(checkText(LONG, [command], 80).split('\n')).toContain(`        ${command}`);
  });

  it('lets nothing through that a terminal acts on', () => {
    const hostile = '\u001b[2J\u009b31m\r\n\u202e';
    const text = checkText({ ...LONG, says: hostile, why: hostile, remedy: hostile }, [hostile], 80);
    expect(text).not.toMatch(/[^\P{C}\n]/u);
    expect(text.trimEnd().split('\n')).toHaveLength(4);
  });
});

describe('verdictText', () => {
  it('says what all checks amount to', () => {
    expect(verdictText([LONG, { ...LONG, result: 'note' }], 0, 80)).toBe(
      '1 warning, nothing that prevents archiving\n',
    );
    expect(verdictText([LONG, { ...LONG, result: 'fail' }], 7, 80)).toBe(
      '1 failure, 1 warning: watch would exit with 7\n',
    );
  });
});
