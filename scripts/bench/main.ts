/**
 * Measures how fast and how cheap ttl-archive is, beside baselines measured in the same run.
 *
 *     npm run bench -- [drain] [shapes] [floor] [scale] [latency] [idle] [startup] [restart] [s3-find] [lambda] [--runs 5] [--quick] [--json]
 *         [--records 400000] [--compare <git ref>]
 *
 * `--records` is how many changes the streams in the part `shapes` hold. `--compare` builds another commit and measures it in
 * turn with this one, in the parts `shapes` and `startup`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildRef } from './build-ref.js';
import { drain } from './parts/drain.js';
import { floor } from './parts/floor.js';
import { idle } from './parts/idle.js';
import { lambda } from './parts/lambda.js';
import { latency } from './parts/latency.js';
import { restart } from './parts/restart.js';
import { s3Find } from './parts/s3-find.js';
import { scale } from './parts/scale.js';
import { shapes } from './parts/shapes.js';
import { startup } from './parts/startup.js';
import { median, spread } from './statistics.js';
import { formatTable, reached } from './table.js';
import type { Part, Row } from './types.js';

const PARTS: Readonly<Record<string, Part>> = {
  drain,
  shapes,
  floor,
  scale,
  latency,
  idle,
  startup,
  restart,
  's3-find': s3Find,
  lambda,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string' },
    quick: { type: 'boolean' },
    json: { type: 'boolean' },
    records: { type: 'string' },
    compare: { type: 'string' },
  },
});
const runs = Number(values.runs ?? 5);
const records = values.records === undefined ? undefined : Number(values.records);
const isCount = (value: number) => Number.isInteger(value) && value >= 1;
const names = positionals.length === 0 ? Object.keys(PARTS) : positionals;
const unknown = names.filter((name) => PARTS[name] === undefined);
if (unknown.length > 0 || !isCount(runs) || !isCount(records ?? 1)) {
  console.error(
    `Usage: npm run bench -- [${Object.keys(PARTS).join('] [')}] [--runs <n>] [--quick] [--json] [--records <n>] [--compare <ref>]`,
  );
  process.exit(2);
}

const folder = await mkdtemp(join(tmpdir(), 'ttl-archive-bench-'));
const rows: Row[] = [];
try {
  const compared = values.compare === undefined ? undefined : await buildRef(values.compare, folder);
  for (const name of names) {
    const tell = (text: string) => console.error(`${new Date().toISOString().slice(11, 19)} ${name}: ${text}`);
    rows.push(
      ...((await PARTS[name]?.({ runs, quick: values.quick ?? false, records, folder, compared, tell })) ?? []),
    );
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
const machine = { node: process.version, cpus: cpus().length, model: cpus()[0]?.model.trim(), load: loadavg()[0] };
if (values.json) {
  const told = rows.map((row) => ({
    ...row,
    median: median(row.samples),
    spread: spread(row.samples),
    reached: reached(row),
  }));
  console.log(JSON.stringify({ at: new Date().toISOString(), machine, rows: told }, undefined, 2));
} else {
  console.log(formatTable(rows));
  console.log(
    `\n${machine.cpus} × ${machine.model}, Node.js ${machine.node}, load ${machine.load?.toFixed(1)} at the end`,
  );
}
