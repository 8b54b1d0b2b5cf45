// Preloaded into a measured process: leaves its CPU time and its peak memory behind, or tells them when it is asked.
import { writeFileSync } from 'node:fs';

const usage = () => JSON.stringify({ ...process.resourceUsage(), rss: process.memoryUsage.rss() / 1024 });

const { BENCH_USAGE } = process.env;
if (BENCH_USAGE !== undefined) {
  process.on('exit', () => writeFileSync(BENCH_USAGE, usage()));
}
if (process.channel !== undefined) {
  process.on('message', () => process.send(usage()));
  // Nor does the channel keep the process running.
  process.channel.unref();
}
