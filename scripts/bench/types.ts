/** What a part is given. */
export interface BenchContext {
  /** How often each thing is measured; the median counts. */
  readonly runs: number;
  /** Smaller loads: the figures are rougher, the order of things is the same. */
  readonly quick: boolean;
  /** How many changes the streams of the part `shapes` hold. */
  readonly records?: number | undefined;
  /** A folder that is removed at the end. */
  readonly folder: string;
  /** Another state of the repository to measure beside this one (`--compare`). */
  readonly compared?: Compared | undefined;
  /** Tells what is going on. */
  readonly tell: (text: string) => void;
}

export interface Compared {
  /** As it was asked for: a commit, a branch, a tag. */
  readonly ref: string;
  /** Its built command line. */
  readonly bin: string;
}

/** One line of the table. */
export interface Row {
  readonly part: string;
  readonly measure: string;
  readonly unit: string;
  /** In the order in which they were measured. */
  readonly samples: readonly number[];
  /** What the ratio is a ratio to, measured in the same run. */
  readonly baseline?: string;
  readonly ratio?: number;
  readonly target?: Target;
  readonly note?: string;
}

/** What has to hold for the ratio, or for the median where there is no ratio. */
export interface Target {
  readonly is: 'at least' | 'at most';
  readonly value: number;
  readonly of: 'ratio' | 'median';
}

export type Part = (context: BenchContext) => Promise<Row[]>;
