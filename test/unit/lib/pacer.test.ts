import { describe, expect, it } from 'vitest';
import { createPacer } from '../../../src/lib/pacer.js';
import { simulatedClock } from '../../support/simulated-clock.js';

/** When each of so many items is sent that are ready after `pause` milliseconds, in milliseconds from then on. */
async function sendTimes(count: number, { rate, burst, pause = 0 }: { rate?: number; burst?: number; pause?: number }) {
  const clock = simulatedClock();
  const pace = createPacer(rate, clock, burst);
  const send = async (): Promise<number[]> => {
    await clock.sleep(pause);
    const begun = clock.now();
    const times: number[] = [];
    for (let item = 0; item < count; item++) {
      await pace();
      times.push(Math.round(clock.now() - begun));
    }
    return times;
  };
  return clock.runUntil(send());
}

describe('createPacer', () => {
  it('spaces items evenly', async () => {
    expect(await sendTimes(4, { rate: 10 })).toEqual([0, 100, 200, 300]);
  });

  it('sends as many at once as it is told, and the others evenly', async () => {
    expect(await sendTimes(5, { rate: 10, burst: 3 })).toEqual([0, 0, 0, 100, 200]);
  });

  it('saves up no more than that while nothing is sent', async () => {
    expect(await sendTimes(5, { rate: 10, burst: 3, pause: 60_000 })).toEqual([0, 0, 0, 100, 200]);
    expect(await sendTimes(3, { rate: 10, pause: 60_000 })).toEqual([0, 100, 200]);
  });

  it('does not wait without a rate', async () => {
    expect(await sendTimes(3, {})).toEqual([0, 0, 0]);
  });
});
