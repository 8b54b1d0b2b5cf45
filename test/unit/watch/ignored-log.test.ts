import { describe, expect, it } from 'vitest';
import { ignoredLog } from '../../../src/watch/ignored-log.js';
import { notedLog } from '../../support/noted-log.js';
import { simulatedClock } from '../../support/simulated-clock.js';

const page = (insert: number, remove = 0) => ({ insert, modify: 0, remove, unknown: 0 });

describe('ignoredLog', () => {
  it('logs the first at once, then the sum of each ten seconds, and the rest at the end: not a line a page', async () => {
    const clock = simulatedClock();
    const log = notedLog();
    const ignored = ignoredLog({ clock, log });
    ignored.add(page(1));
    for (let second = 0; second < 25; second++) {
      await clock.advance(1000);
      ignored.add(page(1, 2));
    }
    ignored.close();
    expect(log.lines.every(({ event, level }) => event === 'records.ignored' && level === 'info')).toBe(true);
    const facts = log.lines.map((line) => line.facts);
    expect(facts.length).toBeLessThanOrEqual(5);
    const sum = (name: string) => facts.reduce((total, line) => total + Number(Object(line)[name] ?? 0), 0);
    expect([facts[0], sum('INSERT'), sum('REMOVE (not TTL)')]).toEqual([{ INSERT: 1 }, 26, 50]);
    expect(clock.sleeping).toBe(0);
  });

  it('logs nothing when nothing was ignored', async () => {
    const clock = simulatedClock();
    const log = notedLog();
    const ignored = ignoredLog({ clock, log });
    ignored.add(page(3));
    await clock.advance(60_000);
    ignored.close();
    expect(log.lines).toHaveLength(1);
  });
});
