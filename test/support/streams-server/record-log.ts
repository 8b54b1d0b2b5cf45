/** A stretch of records: kept as JSON, or made anew from their index whenever they are read. */
interface Run {
  readonly from: number;
  count: number;
  readonly kept?: { readonly json: string[]; readonly at: number[] };
  readonly made?: { readonly at: number; readonly json: (index: number) => string };
}

/** A run of kept records is cut here, so that trimming can free it. */
const KEPT_RUN_LENGTH = 10_000;

/** The records of one shard, addressed by their index. */
export class RecordLog {
  #length = 0;
  #runs: Run[] = [];

  /** Number of records ever appended, dropped ones included. */
  get length(): number {
    return this.#length;
  }

  append(json: string, at: number): void {
    let run = this.#runs.at(-1);
    if (run?.kept === undefined || run.count >= KEPT_RUN_LENGTH) {
      run = { from: this.#length, count: 0, kept: { json: [], at: [] } };
      this.#runs.push(run);
    }
    run.kept?.json.push(json);
    run.kept?.at.push(at);
    run.count += 1;
    this.#length += 1;
  }

  /** Appends records that are serialised only when they are read; `json` must be a function of the index alone. */
  appendMade(count: number, at: number, json: (index: number) => string): void {
    this.#runs.push({ from: this.#length, count, made: { at, json } });
    this.#length += count;
  }

  json(index: number): string {
    const run = this.#runOf(index);
    const json = run.kept ? run.kept.json[index - run.from] : run.made?.json(index);
    if (json === undefined) throw new RangeError(`The log has no record ${index}.`);
    return json;
  }

  /** Epoch milliseconds at which the record came into the stream. */
  at(index: number): number {
    const run = this.#runOf(index);
    const at = run.kept ? run.kept.at[index - run.from] : run.made?.at;
    if (at === undefined) throw new RangeError(`The log has no record ${index}.`);
    return at;
  }

  /** Frees what lies wholly before `index`; the indexes of the rest stay. */
  drop(index: number): void {
    this.#runs = this.#runs.filter((run) => run.from + run.count > index);
  }

  #runOf(index: number): Run {
    let low = 0;
    let high = this.#runs.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#runs[middle]?.from ?? Infinity) <= index) low = middle;
      else high = middle - 1;
    }
    const run = this.#runs[low];
    if (run === undefined) throw new RangeError(`The log has no record ${index}.`);
    return run;
  }
}
