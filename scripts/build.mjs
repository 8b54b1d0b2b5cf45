// Compiles src to dist. dist is emptied first, so that a deleted source file leaves nothing behind.
import { spawnSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

process.exitCode = build();

function build() {
  let tsc;
  try {
    tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
  } catch {
    console.error('error: TypeScript is not installed: run `npm ci` first, without --omit=dev.');
    return 1;
  }
  rmSync('dist', { recursive: true, force: true });
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.json'], { stdio: 'inherit' });
  if (status === 0) chmodSync('dist/bin.js', 0o755);
  return status ?? 1;
}
