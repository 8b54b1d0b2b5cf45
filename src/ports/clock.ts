export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Milliseconds since some moment in the past. Never set, never goes back: for measuring how long something took. */
  monotonic(): number;
  /** Resolves after `ms`, or at once when the signal aborts (it does not reject). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The time by which DynamoDB decides what a stream still keeps. Whatever decides about loss uses it. */
export interface AwsTime {
  /**
   * Epoch milliseconds, up to two seconds behind, as the answers of AWS tell it; by the machine's own clock while none has
   * told it.
   */
  now(): number;
  /** Whether an answer has told it. */
  readonly isKnown: boolean;
  /** The last answer told another time, as after a sleep of this machine, and no second one has confirmed it yet. */
  readonly isDoubtful: boolean;
}

/** A number in [0, 1), as Math.random. */
export type Random = () => number;
