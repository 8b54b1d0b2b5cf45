// Preloaded into a measured process: leaves its CPU time and its peak memory behind.
import { writeFileSync } from 'node:fs';

const { BENCH_USAGE } = process.env;
if (BENCH_USAGE !== undefined) {
  process.on('exit', () => writeFileSync(BENCH_USAGE, JSON.stringify(process.resourceUsage())));
}
