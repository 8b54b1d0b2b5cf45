import fc from 'fast-check';

const CHANGES = [
  'split',
  'rollover',
  'close',
  'empty',
  'expire',
  'hide',
  'showOpen',
  'hour',
  'day',
  /** Three of them: ended shards are dropped. */
  'days',
  /** The stream is switched off and a new one on, up to three times. */
  'replace',
  /** The machine's own clock jumps by an hour, a day or eight days, forwards or back; AWS's does not. */
  'clock',
] as const;

/** A change of the stream, made when so many calls have been answered since the one before. */
export interface StreamChange {
  readonly wait: number;
  readonly kind: 'put' | (typeof CHANGES)[number];
  /** Chooses among the shards that it can happen to. */
  readonly shard: number;
  /** Records, pages, calls or (two for each) streams, by kind. */
  readonly count: number;
}

/** How a run of watch ends before its time; the numbers count changing steps of the disk, or calls. */
export interface RunEnding {
  readonly kind: 'killed' | 'power cut' | 'zeroed sectors' | 'disk full' | 'stopped' | 'by itself';
  readonly after: number;
}

/** One stream, its life, and the runs that archive it. */
export interface Topology {
  readonly seed: number;
  readonly roots: number;
  readonly layout: 'files' | 'segments';
  /** Absent in those that were found before there was a choice: `none`, `once`, `ttl`. */
  readonly compress?: 'gzip' | 'none';
  /** `follow`: the runs with an ending go on until that comes; what is left is then read with `once`. */
  readonly mode?: 'once' | 'follow';
  readonly deletions?: 'ttl' | 'inferred' | 'all';
  /** Rollovers after the first whole run; after the second one three days pass, so that ended shards are dropped. */
  readonly generations?: number;
  readonly faultShare: number;
  readonly describePageSize: number;
  readonly recordsPerPage: number;
  readonly concurrency: number;
  readonly closedShardEnd: 'with-records' | 'empty-page';
  readonly shardFilter: 'supported' | 'rejected' | 'ignored';
  readonly trimmedAt: 'GetShardIterator' | 'GetRecords';
  readonly steps: readonly StreamChange[];
  readonly endings: readonly RunEnding[];
}

const step: fc.Arbitrary<StreamChange> = fc.record({
  wait: fc.oneof(fc.constant(0), fc.nat(12)),
  kind: fc.oneof(
    { weight: 8, arbitrary: fc.constant('put' as const) },
    { weight: 6, arbitrary: fc.constantFrom(...CHANGES) },
  ),
  shard: fc.nat(7),
  count: fc.integer({ min: 1, max: 6 }),
});

const ending: fc.Arbitrary<RunEnding> = fc.record({
  kind: fc.constantFrom('killed', 'killed', 'power cut', 'zeroed sectors', 'disk full', 'stopped', 'by itself'),
  after: fc.integer({ min: 1, max: 60 }),
});

/** Random shard trees, page cuts, faults and crashes. */
export const topologies: fc.Arbitrary<Topology> = fc.record({
  seed: fc.nat(0x7fffffff),
  roots: fc.integer({ min: 1, max: 3 }),
  layout: fc.constantFrom('files', 'segments'),
  compress: fc.constantFrom('gzip', 'none'),
  mode: fc.constantFrom('once', 'once', 'follow'),
  deletions: fc.constantFrom('ttl', 'ttl', 'inferred', 'all'),
  generations: fc.constantFrom(0, 0, 2, 5),
  faultShare: fc.constantFrom(0, 0.1, 0.3),
  describePageSize: fc.constantFrom(1, 2, 100),
  recordsPerPage: fc.constantFrom(1, 3, 1000),
  concurrency: fc.constantFrom(1, 2, 32),
  closedShardEnd: fc.constantFrom('with-records', 'empty-page'),
  shardFilter: fc.constantFrom('supported', 'rejected', 'ignored'),
  trimmedAt: fc.constantFrom('GetShardIterator', 'GetRecords'),
  steps: fc.array(step, { minLength: 1, maxLength: 25 }),
  endings: fc.array(ending, { maxLength: 5 }),
});
