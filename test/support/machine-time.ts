import type { AwsTime, Clock } from '../../src/ports/index.js';

/** The time as long as no answer has told AWS's: the machine's own. */
export function machineTime(clock: Pick<Clock, 'now'>): AwsTime {
  return { now: () => clock.now(), isKnown: false, isDoubtful: false };
}
