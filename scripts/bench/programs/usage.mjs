// Preloaded into a measured process: leaves its CPU time and its peak memory behind, or tells them when it is asked.
import { writeFileSync } from 'node:fs';

const { BENCH_USAGE } = process.env;
if (BENCH_USAGE !== undefined) {
  process.on('exit', () => writeFileSync(BENCH_USAGE, JSON.stringify(process.resourceUsage())));
}
if (process.channel !== undefined) {
  // Not at the exit: it opens a file, and Node.js aborts when that gets the number of an output that is closed by then.
  const usageNow = () => ({ ...process.resourceUsage(), rss: process.memoryUsage.rss() / 1024 });
  process.on('message', () => process.send(JSON.stringify(usageNow())));
  // The channel must not keep the process running.
  process.channel.unref();
}
