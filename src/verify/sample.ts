import { hash } from 'node:crypto';

/** Which files are read when only a share of the data is. */
export interface Sample {
  readonly percent: number;
  /** The day (UTC) for which it is drawn: the same all day, and another one the next day. */
  readonly day: string;
  includes(file: string): boolean;
}

/** What of a sample was read. */
export interface SampleRead {
  readonly percent: number;
  readonly day: string;
  /** Items whose bytes were read, and the number of these bytes. */
  readonly items: number;
  readonly bytes: number;
}

/** A share of the files that depends on nothing but their names and the day of `now` (epoch milliseconds). */
export function drawSample(percent: number, now: number): Sample {
  const day = new Date(now).toISOString().slice(0, 10);
  const limit = (percent / 100) * 2 ** 32;
  return { percent, day, includes: (file) => hash('sha256', `${day} ${file}`, 'buffer').readUInt32LE(0) < limit };
}
