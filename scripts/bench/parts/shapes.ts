import { join } from 'node:path';
import { startFilledTables } from '../filled-tables.js';
import { type Finished, PROGRAMS, runToEnd } from '../processes.js';
import { SHAPES, type Shape } from '../shapes.js';
import { startSimulatedStream } from '../simulated-stream.js';
import { interleave, median } from '../statistics.js';
import type { BenchContext, Row } from '../types.js';
import { watchOnce } from './drain.js';
import { emptyRun } from './startup.js';

const PART = 'shapes';
const SEGMENTS = ['--layout', 'segments'];
/** Tables that one process watches, and one loop reads, at the same time. */
const SEVERAL = 3;

/** Samples of a contender, under the name that is shown. */
interface Contender {
  readonly name: string;
  readonly samples: readonly Finished[];
}

/**
 * The backlog of `drain` in three shapes of items, because speed depends on them: in one table, and in several at once.
 * The loops parse and write nothing. What a run takes on empty streams is shown apart, so that it can be subtracted.
 */
export async function shapes(context: BenchContext): Promise<Row[]> {
  const rows: Row[] = [];
  for (const count of [1, SEVERAL]) rows.push(...(await startUp(count, context)));
  for (const shape of SHAPES) {
    for (const count of [1, SEVERAL]) rows.push(...(await drainShape(shape, count, context)));
  }
  return rows;
}

async function startUp(count: number, { runs, folder, compared, tell }: BenchContext): Promise<Row[]> {
  const stream = await startSimulatedStream({ shards: 1, tables: count });
  try {
    const empty = (bin?: string) => (run: number) => emptyRun(stream, join(folder, `${PART}-empty-${run}`), bin);
    const { own, other } = await interleave(runs, {
      own: empty(),
      ...(compared !== undefined && { other: empty(compared.bin) }),
    });
    const measure = `start-up, ${named(count)}, empty`;
    tell(`${measure}: ${median(own).toFixed(0)} ms`);
    const row = { part: PART, measure, unit: 'ms', samples: own };
    if (compared === undefined) return [row];
    return [
      { ...row, ratio: median(own) / median(other), baseline: compared.ref },
      { ...row, measure: `${measure}, ${compared.ref}`, samples: other },
    ];
  } finally {
    await stream.stop();
  }
}

async function drainShape(shape: Shape, count: number, context: BenchContext): Promise<Row[]> {
  const { runs, quick, folder, compared, tell } = context;
  const changes = context.records ?? (quick ? 40_000 : 400_000);
  const name = count === 1 ? shape.name : `${shape.name}, ${named(count)}`;
  tell(`${name}: filling DynamoDB Local with ${changes} changes`);
  const tables = await startFilledTables(changes, { shape, count });
  const { endpointUrl, StreamArns, records } = tables;
  const rate = ({ ms }: Finished) => (records / ms) * 1000;
  const cost = ({ cpuMs }: Finished) => (cpuMs / records) * 1000;
  const loop = (program: string) =>
    runToEnd(process.execPath, [program, endpointUrl, StreamArns.join(), String(records)], { usage: true });
  const archive = (archiver: string, bin?: string) => (run: number) => {
    const out = join(folder, [PART, SHAPES.indexOf(shape), count, archiver, run].join('-'));
    return watchOnce(tables, out, SEGMENTS, bin === undefined ? {} : { bin });
  };
  try {
    const samples = await interleave(
      runs,
      {
        segments: archive('segments'),
        ...(compared !== undefined && { compared: archive('compared', compared.bin) }),
        ...(count === 1 && { sdk: () => loop(PROGRAMS.sdkLoop) }),
        http: () => loop(PROGRAMS.httpLoop),
      },
      (contender, used) =>
        tell(`${contender} ${rate(used).toFixed(0)} records/s, CPU ${cost(used).toFixed(1)} µs/record`),
    );
    const segments = { name: 'segments', samples: samples.segments };
    const http = { name: 'plain HTTP', samples: samples.http };
    const sdk = { name: 'bare SDK loop', samples: samples.sdk };
    const other = { name: `segments, ${compared?.ref}`, samples: samples.compared };
    const row = (own: Contender, of: 'speed' | 'CPU', to?: Contender, atLeast?: number): Row => {
      const value = of === 'CPU' ? cost : rate;
      const ratio =
        to === undefined
          ? {}
          : { ratio: median(own.samples.map(value)) / median(to.samples.map(value)), baseline: to.name };
      return {
        part: PART,
        measure: `${name}: ${own.name}${of === 'CPU' ? ', CPU' : ''}`,
        unit: of === 'CPU' ? 'µs/record' : 'records/s',
        samples: own.samples.map(value),
        ...ratio,
        ...(atLeast !== undefined && { target: { is: 'at least', value: atLeast, of: 'ratio' } }),
      };
    };
    const ofOther =
      compared === undefined
        ? []
        : [row(segments, 'speed', other), row(other, 'speed'), row(segments, 'CPU', other), row(other, 'CPU')];
    if (count > 1)
      return [
        row(segments, 'speed', http, 1),
        row(http, 'speed'),
        row(segments, 'CPU', http),
        row(http, 'CPU'),
        ...ofOther,
      ];
    return [
      row(segments, 'speed', sdk, 1.5),
      row(segments, 'speed', http, 0.9),
      row(sdk, 'speed'),
      row(http, 'speed', sdk),
      row(segments, 'CPU', sdk),
      row(http, 'CPU', sdk),
      ...ofOther,
    ];
  } finally {
    await tables.stop();
  }
}

function named(count: number): string {
  return count === 1 ? 'one table' : `${count} tables at once`;
}
