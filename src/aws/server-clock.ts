import type { AwsTime, Clock } from '../ports/index.js';

/** Two answers tell the same time when they differ by less: a Date has whole seconds, and an answer may be slow. */
const TOLERANCE = 60_000;

/** DynamoDB began in 2012: a Date before that is nonsense. */
const FIRST_DATE = Date.UTC(2012, 0, 18);

/** A moment of AWS's clock, and where the machine's monotonic clock stood then. */
interface Reading {
  readonly date: number;
  readonly at: number;
}

/**
 * AWS's clock, set by the `Date` headers of the answers and kept going in between by the machine's monotonic clock: a
 * machine's clock that is wrong, or jumps, changes nothing. A Date that contradicts those before it counts only when a
 * second answer agrees with it: one lying answer changes nothing either, and after a machine has slept the second answer
 * tells for how long.
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

  /** An answer has come with this Date header. */
  hear(header: string): void {
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
