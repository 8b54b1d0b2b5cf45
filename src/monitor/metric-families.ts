import type { MetricFamily } from './exposition.js';
import { METRICS, type Metric, type TableFacts } from './metrics.js';

const BUILD_INFO = 'ttl_archive_build_info';

export interface Build {
  readonly version: string;
  /** Of Node.js. */
  readonly node: string;
}

/** All metrics of a process. */
export function metricFamilies({ version, node }: Build, tables: readonly TableFacts[]): MetricFamily[] {
  const help = 'Always 1: the versions of ttl-archive and of Node.js.';
  return [
    { name: BUILD_INFO, type: 'gauge', help, samples: [{ labels: { version, node }, value: 1 }] },
    ...METRICS.map((metric) => ({ ...metric, samples: tables.flatMap((facts) => samplesOf(metric, facts)) })),
  ];
}

function samplesOf({ of, label }: Metric, facts: TableFacts): MetricFamily['samples'] {
  const { table } = facts;
  const values = of(facts);
  if (typeof values === 'number') return [{ labels: { table }, value: values }];
  return Object.entries(values ?? {}).flatMap(([name, value]) =>
    value === undefined || label === undefined ? [] : [{ labels: { table, [label]: name }, value }],
  );
}
