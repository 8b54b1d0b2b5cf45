import type { AwsTime, Clock } from '../../src/ports/index.js';

/** AWS's time while no response had a Date header: the machine's own. */
export function machineTime(clock: Pick<Clock, 'now'>): AwsTime {
  return { now: () => clock.now(), isKnown: false, isDoubtful: false };
}
