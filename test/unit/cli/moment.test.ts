import { describe, expect, it } from 'vitest';
import { parseMoment } from '../../../src/cli/moment.js';

const NOW = Date.UTC(2026, 10, 25, 12);
const at = (text: string) => new Date(parseMoment(text, NOW)).toISOString();

describe('parseMoment', () => {
  it.each([
    ['2026-11-24', '2026-11-24T00:00:00.000Z'],
    // UTC, whatever zone this machine is in.
    ['2026-11-24T08:00', '2026-11-24T08:00:00.000Z'],
    ['2026-11-24 08:00:30', '2026-11-24T08:00:30.000Z'],
    ['2026-11-24T08:00:30.123456Z', '2026-11-24T08:00:30.123Z'],
    ['2026-11-24T08:00+02:00', '2026-11-24T06:00:00.000Z'],
    ['2026-11-24T08:00-0530', '2026-11-24T13:30:00.000Z'],
    ['2h', '2026-11-25T10:00:00.000Z'],
    ['90s', '2026-11-25T11:58:30.000Z'],
    ['1.5d', '2026-11-24T00:00:00.000Z'],
  ])('reads %s', (text, expected) => {
    expect(at(text)).toBe(expected);
  });

  it.each([
    '20261124',
    '10',
    '2026-11',
    '2026-02-30',
    '2026-11-24T25:00',
    '2026-11-24T08',
    'yesterday',
    '',
    '-2h',
    '2026-13-01',
  ])('refuses %j, and says what it takes', (text) => {
    expect(() => parseMoment(text, NOW)).toThrow(/like 2026-11-24 .*UTC.* like 2h/);
  });
});
