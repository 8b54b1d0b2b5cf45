import type { AwsTime, Clock } from '../ports/index.js';

/** Milliseconds by which responses that agree may differ: a Date has whole seconds, and a response may be slow. */
const TOLERANCE = 60_000;

/** DynamoDB was launched in 2012: an earlier Date is invalid. */
const FIRST_DATE = Date.UTC(2012, 0, 18);

/** A time of AWS's clock, and the machine's monotonic clock at that moment. */
interface Reading {
  readonly date: number;
  readonly at: number;
}

/**
 * AWS's clock: set by the `Date` headers of responses, and continued in between by the machine's monotonic clock, so that
 * a machine's clock that is wrong, or jumps, has no effect. A Date that contradicts the previous ones counts only when a
 * second response agrees with it: a single wrong response has no effect either, and after the machine has slept the second
 * response shows for how long.
 */
export class ServerClock implements AwsTime {
  readonly #clock: Pick<Clock, 'now' | 'monotonic'>;
  #reading: Reading | undefined;
  #doubtful: Reading | undefined;

  constructor(clock: Pick<Clock, 'now' | 'monotonic'>) {
    this.#clock = clock;
  }

  get isKnown(): boolean {
    return this.#reading !== undefined;
  }

  get isDoubtful(): boolean {
    return this.#doubtful !== undefined;
  }

  now(): number {
    return this.#reading === undefined ? this.#clock.now() : this.#timeBy(this.#reading);
  }

  /** A response has come with this Date header. */
  setDate(header: string): void {
    const date = Date.parse(header);
    if (Number.isNaN(date) || date < FIRST_DATE) return;
    const reading = { date, at: this.#clock.monotonic() };
    if (this.#contradicts(this.#reading, date) && this.#contradicts(this.#doubtful ?? NEVER, date)) {
      this.#doubtful = reading;
      return;
    }
    this.#reading = reading;
    this.#doubtful = undefined;
  }

  #contradicts(earlier: Reading | undefined, date: number): boolean {
    return earlier !== undefined && Math.abs(this.#timeBy(earlier) - date) >= TOLERANCE;
  }

  #timeBy({ date, at }: Reading): number {
    return date + this.#clock.monotonic() - at;
  }
}

const NEVER: Reading = { date: -Infinity, at: 0 };
