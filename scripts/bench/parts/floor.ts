import { join } from 'node:path';
import { startFilledTable } from '../filled-table.js';
import { PROGRAMS, runToEnd } from '../processes.js';
import { interleave, median } from '../statistics.js';
import type { BenchContext, Row } from '../types.js';
import { watchOnce } from './drain.js';

/** `--layout files` beside the file system itself: as many files of the same size, synced and renamed, 32 at a time. */
export async function floor({ runs, quick, folder, tell }: BenchContext): Promise<Row[]> {
  const records = quick ? 8_000 : 40_000;
  tell(`filling DynamoDB Local with ${records} changes`);
  const table = await startFilledTable(records);
  try {
    const { files, bare } = await interleave(
      runs,
      {
        files: async (run) => {
          const { ms } = await watchOnce(table, join(folder, `floor-files-${run}`), ['--layout', 'files']);
          return (records / 2 / ms) * 1000;
        },
        bare: async (run) => {
          const out = join(folder, `floor-bare-${run}`);
          const { ms } = await runToEnd(process.execPath, [PROGRAMS.filesFloor, out, String(records / 2)]);
          return (records / 2 / ms) * 1000;
        },
      },
      (name, value) => tell(`${name} ${Math.round(value)} files/s`),
    );
    return [
      {
        part: 'floor',
        measure: 'watch --once, files',
        unit: 'files/s',
        samples: files,
        ratio: median(files) / median(bare),
        baseline: 'fsync + rename',
        target: { is: 'at least', value: 0.9, of: 'ratio' },
      },
      { part: 'floor', measure: 'fsync + rename, 32 at a time', unit: 'files/s', samples: bare },
    ];
  } finally {
    await table.stop();
  }
}
