import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { CONCURRENT_FILES } from '../../../src/store/file-store.js';
import { startFilledTables } from '../filled-tables.js';
import { PROGRAMS, runToEnd } from '../processes.js';
import { interleave, median } from '../statistics.js';
import type { BenchContext, Row } from '../types.js';
import { watchOnce } from './drain.js';

const FILES = ['--layout', 'files'];

/**
 * `--layout files` beside the file system itself: as many files of the same size, synced and renamed, as many at a time.
 * The puts of the items have been read in an earlier run, so that both have the same to do.
 */
export async function floor({ runs, quick, folder, tell }: BenchContext): Promise<Row[]> {
  const records = quick ? 8_000 : 100_000;
  const items = records / 2;
  const begun = join(folder, 'floor-begun');
  tell(`filling DynamoDB Local with ${records} changes`);
  const table = await startFilledTables(records, {
    afterPuts: async (half) => void (await watchOnce(half, begun, FILES, { expected: 0 })),
  });
  const filesASecond = ({ ms }: { ms: number }) => (items / ms) * 1000;
  try {
    const { files, bare } = await interleave(
      runs,
      {
        files: async (run) => {
          const out = join(folder, `floor-files-${run}`);
          await cp(begun, out, { recursive: true });
          return filesASecond(await watchOnce(table, out, FILES));
        },
        bare: async (run) => {
          const args = [join(folder, `floor-bare-${run}`), String(items), String(CONCURRENT_FILES)];
          return filesASecond(await runToEnd(process.execPath, [PROGRAMS.filesFloor, ...args]));
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
      { part: 'floor', measure: `fsync + rename, ${CONCURRENT_FILES} at a time`, unit: 'files/s', samples: bare },
    ];
  } finally {
    await table.stop();
  }
}
