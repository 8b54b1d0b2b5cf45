import { join } from 'node:path';
import { startFilledTable } from '../filled-table.js';
import { type Finished, PROGRAMS, runToEnd } from '../processes.js';
import { SHAPES, type Shape } from '../shapes.js';
import { interleave, median } from '../statistics.js';
import type { BenchContext, Row } from '../types.js';
import { watchOnce } from './drain.js';

const SEGMENTS = ['--layout', 'segments'];
const BASELINES = { sdk: 'bare SDK loop', http: 'plain HTTP' } as const;

/** The backlog of `drain` in three shapes of items, because speed depends on them. Both loops parse and write nothing. */
export async function shapes(context: BenchContext): Promise<Row[]> {
  const rows: Row[] = [];
  for (const shape of SHAPES) rows.push(...(await drainShape(shape, context)));
  return rows;
}

async function drainShape(shape: Shape, { runs, quick, folder, compared, tell }: BenchContext): Promise<Row[]> {
  const records = quick ? 40_000 : 400_000;
  tell(`${shape.name}: filling DynamoDB Local with ${records} changes`);
  const table = await startFilledTable(records, { shape });
  try {
    const loop = (program: string) =>
      runToEnd(process.execPath, [program, table.endpointUrl, table.StreamArn, String(records)], { usage: true });
    const archive = (name: string, bin?: string) => (run: number) =>
      watchOnce(table, join(folder, `${shape.viewType}-${name}-${run}`), SEGMENTS, bin === undefined ? {} : { bin });
    const contenders = {
      segments: archive('segments'),
      ...(compared !== undefined && { compared: archive('compared', compared.bin) }),
      sdk: () => loop(PROGRAMS.sdkLoop),
      http: () => loop(PROGRAMS.httpLoop),
    };
    const samples: Partial<Record<string, Finished[]>> = await interleave(runs, contenders, (name, { ms, cpuMs }) =>
      tell(
        `${name} ${((records / ms) * 1000).toFixed(0)} records/s, CPU ${((cpuMs / records) * 1000).toFixed(1)} µs/record`,
      ),
    );
    const rates = (name: string) => (samples[name] ?? []).map(({ ms }) => (records / ms) * 1000);
    const costs = (name: string) => (samples[name] ?? []).map(({ cpuMs }) => (cpuMs / records) * 1000);
    const row = (measure: string, name: string, more: Partial<Row> = {}): Row => ({
      part: 'shapes',
      measure: `${shape.name}: ${measure}`,
      unit: 'records/s',
      samples: rates(name),
      ...more,
    });
    const against = (name: string, to: keyof typeof BASELINES) => ({
      ratio: median(rates(name)) / median(rates(to)),
      baseline: BASELINES[to],
    });
    const atLeast = (value: number) => ({ target: { is: 'at least', value, of: 'ratio' } as const });
    const cpu = (measure: string, name: string): Row => ({
      ...row(`${measure}, CPU`, name),
      unit: 'µs/record',
      samples: costs(name),
      ratio: median(costs(name)) / median(costs('sdk')),
      baseline: BASELINES.sdk,
    });
    return [
      row('segments', 'segments', { ...against('segments', 'sdk'), ...atLeast(1.5) }),
      row('segments', 'segments', { ...against('segments', 'http'), ...atLeast(0.9) }),
      ...(compared === undefined
        ? []
        : [
            row(`segments, ${compared.ref}`, 'compared', {
              ratio: median(rates('segments')) / median(rates('compared')),
              baseline: 'this one to that one',
            }),
            cpu(`segments, ${compared.ref}`, 'compared'),
          ]),
      row('bare SDK loop', 'sdk'),
      row('plain HTTP', 'http', against('http', 'sdk')),
      cpu('segments', 'segments'),
      cpu('plain HTTP', 'http'),
    ];
  } finally {
    await table.stop();
  }
}
