import { describe, expect, it } from 'vitest';
import { StallTimer } from '../../../src/watch/stall-timer.js';

const HOUR = 3_600_000;

/** A timer that is sampled every five seconds. */
function timer() {
  const time = { now: 1 };
  const stall = new StallTimer({ monotonic: () => time.now });
  let sampled = 0;
  const sampleFor = (ms: number, readUpTo: number | undefined, isExcused = false): number => {
    for (let passed = 0; passed < ms; passed += 5000) {
      time.now += 5000;
      sampled = stall.sample(readUpTo, isExcused);
    }
    return sampled;
  };
  stall.sample(7, false);
  return { time, stall, sampleFor };
}

describe('StallTimer', () => {
  it('measures for how long the position is the same, known or not', () => {
    const { sampleFor } = timer();
    expect(sampleFor(HOUR, 7)).toBe(HOUR);
    expect(sampleFor(5000, 8)).toBe(0);
    expect(sampleFor(5000, undefined)).toBe(0);
    expect(sampleFor(HOUR, undefined)).toBe(HOUR);
  });

  it('begins anew after a time in which nothing could be read', () => {
    const { sampleFor } = timer();
    sampleFor(HOUR, 7);
    expect(sampleFor(HOUR, 7, true)).toBe(0);
    expect(sampleFor(5000, 7)).toBe(5000);
  });

  it('does not count the time for which the process was suspended', () => {
    const { time, stall } = timer();
    time.now += HOUR;
    expect(stall.sample(7, false)).toBe(15_000);
  });
});
