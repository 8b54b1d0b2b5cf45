import type { Call } from './faults.js';

export interface CallEntry {
  readonly call: Call;
  /** The fault's kind, the exception's name, or `ok`. */
  outcome: string;
}

/** What was called, when, and how many calls at once. */
export class CallLog {
  readonly #times = new Map<string, number[]>();
  #inFlight = 0;
  #maxInFlight = 0;
  #total = 0;
  readonly #entries: CallEntry[] | undefined;

  /** @param keepEntries keeps every call, its input included: not for long runs. */
  constructor(keepEntries = false) {
    this.#entries = keepEntries ? [] : undefined;
  }

  get total(): number {
    return this.#total;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** The most calls that were under way at one moment. */
  get maxInFlight(): number {
    return this.#maxInFlight;
  }

  /** All calls, when the server was started with `log: true`. */
  get entries(): readonly CallEntry[] {
    return this.#entries ?? [];
  }

  /** How often an operation was called, in all or for one shard. */
  count(operation: string, ShardId?: string): number {
    return this.times(operation, ShardId).length;
  }

  /** When it was called: epoch milliseconds of the model's clock. */
  times(operation: string, ShardId?: string): readonly number[] {
    return this.#times.get(key(operation, ShardId)) ?? [];
  }

  /** The most calls that any window of this length saw. */
  maxRate(operation: string, windowMs: number, ShardId?: string): number {
    const times = this.times(operation, ShardId);
    let most = 0;
    let first = 0;
    for (const [index, time] of times.entries()) {
      while ((times[first] ?? time) <= time - windowMs) first += 1;
      most = Math.max(most, index - first + 1);
    }
    return most;
  }

  /** Forgets the counts so far; calls under way stay counted as such. */
  reset(): void {
    this.#times.clear();
    this.#total = 0;
    this.#maxInFlight = this.#inFlight;
    this.#entries?.splice(0);
  }

  begin(call: Call): CallEntry {
    this.#total += 1;
    this.#inFlight += 1;
    this.#maxInFlight = Math.max(this.#maxInFlight, this.#inFlight);
    this.#note(key(call.operation), call.at);
    if (call.ShardId !== undefined) this.#note(key(call.operation, call.ShardId), call.at);
    const entry = { call, outcome: 'ok' };
    this.#entries?.push(entry);
    return entry;
  }

  end(): void {
    this.#inFlight -= 1;
  }

  #note(name: string, at: number): void {
    const times = this.#times.get(name);
    if (times) times.push(at);
    else this.#times.set(name, [at]);
  }
}

const key = (operation: string, ShardId?: string) => (ShardId === undefined ? operation : `${operation} ${ShardId}`);
