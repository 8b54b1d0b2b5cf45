import { describe, expect, it } from 'vitest';
import { SIMULATED_START, simulatedClock } from '../../support/simulated-clock.js';

describe('simulatedClock', () => {
  it('wakes sleepers in due order, each at its due time, when time advances', async () => {
    const clock = simulatedClock();
    const woken: string[] = [];
    const sleep = async (name: string, ms: number): Promise<void> => {
      await clock.sleep(ms);
      woken.push(`${name}@${clock.now() - SIMULATED_START}`);
    };
    const all = Promise.all([sleep('late', 300), sleep('early', 100), sleep('tie', 100), sleep('never', 1000)]);
    await clock.advance(99);
    expect(woken).toEqual([]);
    await clock.advance(400);
    expect(woken).toEqual(['early@100', 'tie@100', 'late@300']);
    expect(clock.now() - SIMULATED_START).toBe(499);
    expect(clock.sleeping).toBe(1);
    await clock.runUntilIdle();
    await all;
    expect(woken.at(-1)).toBe('never@1000');
  });

  it('wakes a sleeper that went to sleep again on the way', async () => {
    const clock = simulatedClock();
    let ticks = 0;
    const ticking = (async () => {
      for (; ticks < 10; ticks++) await clock.sleep(100);
    })();
    await clock.advance(500);
    expect(ticks).toBe(5);
    await clock.runUntil(ticking);
    expect(clock.now() - SIMULATED_START).toBe(1000);
  });

  it('ends a sleep without moving the time when the signal aborts', async () => {
    const clock = simulatedClock();
    const stop = new AbortController();
    const asleep = clock.sleep(1000, stop.signal);
    stop.abort();
    await asleep;
    await clock.sleep(1000, stop.signal);
    expect(clock.now()).toBe(SIMULATED_START);
    expect(clock.sleeping).toBe(0);
  });

  it('gives up on work that never ends, and returns or throws the result of work that does', async () => {
    const clock = simulatedClock();
    const forEver = async (): Promise<never> => {
      for (;;) await clock.sleep(1);
    };
    await expect(clock.runUntil(forEver(), 50)).rejects.toThrow('after 50 wakes');
    const failing = clock.sleep(5).then(() => Promise.reject(new Error('as told')));
    await expect(simulatedClock().runUntil(Promise.reject(new Error('at once')))).rejects.toThrow('at once');
    await expect(clock.runUntil(failing)).rejects.toThrow('as told');
  });
});
