import { describe, expect, it } from 'vitest';
import { ServerClock } from '../../../src/aws/server-clock.js';
import { SIMULATED_START } from '../../support/simulated-clock.js';

const SECOND = 1000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A machine with two clocks, and AWS's time beside them. */
function machine() {
  const times = { wall: SIMULATED_START, monotonic: 5, aws: SIMULATED_START };
  const clock = new ServerClock({ now: () => times.wall, monotonic: () => times.monotonic });
  return {
    clock,
    times,
    pass(ms: number) {
      times.wall += ms;
      times.monotonic += ms;
      times.aws += ms;
    },
    answer: (lie = 0) => clock.setDate(new Date(times.aws + lie).toUTCString()),
  };
}

describe('ServerClock', () => {
  it("is the machine's clock until a response tells the time", () => {
    const { clock, times, answer } = machine();
    times.wall += DAY;
    expect([clock.isKnown, clock.now()]).toEqual([false, times.wall]);
    answer();
    expect([clock.isKnown, clock.now()]).toEqual([true, times.aws]);
  });

  it("goes on between responses, whatever happens to the machine's clock", () => {
    const { clock, times, pass, answer } = machine();
    answer();
    times.wall -= 8 * DAY;
    pass(HOUR);
    expect(clock.now()).toBe(times.aws);
  });

  it.each(['', 'yesterday', 'Thu, 01 Jan 1970 00:00:00 GMT'])('ignores the Date %j', (header) => {
    const { clock } = machine();
    clock.setDate(header);
    expect(clock.isKnown).toBe(false);
  });

  it.each([8 * DAY, -8 * DAY])('ignores one response that differs by %i ms from those around it', (lie) => {
    const { clock, times, pass, answer } = machine();
    answer();
    pass(SECOND);
    answer(lie);
    expect(clock.now()).toBe(times.aws);
    pass(SECOND);
    answer();
    pass(HOUR);
    answer(lie);
    expect(clock.now()).toBe(times.aws);
  });

  it('follows two responses that agree, since the first of all may have been wrong, or the machine has slept', () => {
    const { clock, times, pass, answer } = machine();
    answer(8 * DAY);
    pass(SECOND);
    answer();
    pass(SECOND);
    answer();
    expect(clock.now()).toBe(times.aws);
    times.aws += 25 * HOUR;
    answer();
    pass(20 * SECOND);
    answer();
    expect(clock.now()).toBe(times.aws);
  });
});
