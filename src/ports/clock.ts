export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Milliseconds since some moment in the past; never goes back. Measures how long something took. */
  monotonic(): number;
  /** Resolves after `ms`, or at once when the signal aborts (it does not reject). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The time by which DynamoDB decides what a stream still keeps. Decisions about loss use it. */
export interface AwsTime {
  /**
   * Epoch milliseconds, up to two seconds behind, from AWS's responses; by the machine's own clock before the first one.
   */
  now(): number;
  /** A response has told it. */
  readonly isKnown: boolean;
  /** The last response contradicted the previous ones, as after a sleep of this machine: a second one has to agree. */
  readonly isDoubtful: boolean;
}

/** A number in [0, 1), as Math.random. */
export type Random = () => number;
