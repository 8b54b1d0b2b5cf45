import type { AwsTime, Clock } from '../ports/index.js';
import type { DoctorCheck } from './doctor-check.js';

/** Seconds. A Date header has whole seconds, and an answer takes a moment: up to two of them mean nothing. */
const MAX_SKEW = 60;

/** Compares this machine's clock with AWS's, by the Date headers of its responses. */
export function checkClock({ clock, awsTime }: { readonly clock: Clock; readonly awsTime: AwsTime }): DoctorCheck {
  const check = 'clock';
  if (!awsTime.isKnown)
    return { check, result: 'note', says: "No response had a Date header to compare this machine's clock with." };
  const skew = Math.round((clock.now() - awsTime.now()) / 1000);
  const seconds = Math.abs(skew);
  if (seconds <= 2) return { check, result: 'ok', says: "This machine's clock agrees with AWS's." };
  const says = `This machine's clock is ${seconds} seconds ${skew > 0 ? 'ahead of' : 'behind'} AWS's.`;
  if (seconds <= MAX_SKEW) return { check, result: 'ok', says };
  return {
    check,
    result: 'warn',
    says,
    why:
      'watch goes by the clock of AWS. Times in the log and durations before now are wrong, and AWS rejects a first ' +
      'request that is five minutes off.',
    remedy: 'Let NTP set it, for example with timedatectl set-ntp true.',
  };
}
