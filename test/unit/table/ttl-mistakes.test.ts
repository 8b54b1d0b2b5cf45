import { describe, expect, it } from 'vitest';
import type { WireItem } from '../../../src/ports/index.js';
import { ttlKind } from '../../../src/table/ttl-kind.js';
import { ttlMistakes } from '../../../src/table/ttl-mistakes.js';

/** 2026-11-23T12:00:00Z in epoch seconds. */
const NOW = 1_795_435_200;
const DAY = 86_400;

describe('ttlKind', () => {
  it.each([
    [{ N: String(NOW + 1) }, 'future'],
    [{ N: '1795435200.5' }, 'future'],
    [{ N: '99999999999' }, 'future'],
    [{ N: String(NOW) }, 'due'],
    [{ N: '1.7954352E+9' }, 'due'],
    [{ N: String(NOW - 5 * 365 * DAY) }, 'due'],
    [{ N: String(NOW - 5 * 366 * DAY) }, 'too-old'],
    [{ N: '3600' }, 'too-old'],
    [{ N: '0' }, 'too-old'],
    [{ N: '-1' }, 'too-old'],
    [{ N: String(NOW * 1000) }, 'milliseconds'],
    [{ N: String((NOW - 10 * 365 * DAY) * 1000) }, 'milliseconds'],
    [{ N: `${NOW}000000000` }, 'milliseconds'],
    [{ N: '9E+125' }, 'milliseconds'],
    [{ S: String(NOW) }, 'string'],
    [{ S: ` ${NOW}000 ` }, 'string'],
    [{ S: '2026-12-01T00:00:00Z' }, 'date'],
    [{ S: '2026-12-01' }, 'date'],
    [{ S: 'Tue, 01 Dec 2026 00:00:00 GMT' }, 'date'],
    [{ S: '' }, 'type'],
    [{ S: 'never' }, 'type'],
    [{ S: 'room 12' }, 'type'],
    [{ S: '1'.repeat(400_000) }, 'type'],
    [{ N: 'many' }, 'type'],
    [{ B: 'AAAA' }, 'type'],
    [{ NULL: true }, 'type'],
    [{ M: { N: { N: '1' } } }, 'type'],
    [{}, 'type'],
    [undefined, 'missing'],
  ])('takes %j as %s', (value, kind) => {
    expect(ttlKind(value, NOW)).toBe(kind);
  });
});

function mistakes(items: readonly WireItem[], status = 'ENABLED', itemCount?: number) {
  return ttlMistakes({ table: 'T', timeToLive: { status, attribute: 'ttl' }, items, itemCount, now: NOW });
}

const [FUTURE, MILLISECONDS] = [{ ttl: { N: String(NOW + 9) } }, { ttl: { N: String(NOW * 1000) } }];

describe('ttlMistakes', () => {
  it('says how many items were looked at, and of how many', () => {
    const [summary, ...others] = mistakes([FUTURE, FUTURE], 'ENABLED', 1204);
    expect(summary?.says).toBe('Looked at the TTL attribute of 2 of about 1204 items; 2 will expire.');
    expect(others).toEqual([]);
  });

  it('does not take a count from hours ago for more than what it has seen', () => {
    expect(mistakes([FUTURE, FUTURE], 'ENABLED', 0)[0]?.says).toContain('attribute of 2 items');
  });

  it('says that there is no item to look at', () => {
    expect(mistakes([])).toMatchObject([{ check: 'items', result: 'note' }]);
  });

  it('counts the items of each mistake', () => {
    const found = mistakes([MILLISECONDS, FUTURE, MILLISECONDS, { ttl: { S: 'x' } }]);
    expect(found.map(({ check, says }) => [check, says])).toEqual([
      ['items', 'Looked at the TTL attribute of 4 items; 1 will expire.'],
      ['items.milliseconds', '2 of 4 items have "ttl" in milliseconds, or in a smaller unit.'],
      ['items.type', '1 of 4 items has something in "ttl" that is neither a Number nor a date.'],
    ]);
  });

  it('warns of missing attributes only when no item has one, which may be called otherwise', () => {
    expect(mistakes([{}, FUTURE])[1]).toMatchObject({ check: 'items.missing', result: 'note' });
    const specification = '{"Enabled":false,"AttributeName":"ttl"}';
    expect(mistakes([{}, {}])[1]).toMatchObject({
      check: 'items.missing',
      result: 'warn',
      commands: [{ program: 'aws', args: expect.arrayContaining(['update-time-to-live', specification]) }],
    });
  });

  it('does not take what every object has for an attribute', () => {
    const timeToLive = { status: 'ENABLED', attribute: 'constructor' };
    const found = ttlMistakes({ table: 'T', timeToLive, items: [{}], itemCount: 1, now: NOW });
    expect(found[1]?.check).toBe('items.missing');
  });

  it.each([
    ['ENABLING', 'up to an hour'],
    ['ENABLED', 'watch running'],
  ])('says what to wait for when items are due and TTL is %s', (status, remedy) => {
    const found = mistakes([{ ttl: { N: String(NOW - 5) } }], status);
    expect(found[1]).toMatchObject({
      check: 'items.due',
      result: 'note',
      remedy: expect.stringContaining(remedy),
    });
  });
});
