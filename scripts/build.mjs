// Compiles src to dist. dist is emptied first, so that a deleted source file leaves nothing behind.
import { spawnSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const tsc = join(typescriptFolder(), 'bin', 'tsc');
rmSync('dist', { recursive: true, force: true });
const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.json'], { stdio: 'inherit' });
if (status === 0) chmodSync('dist/bin.js', 0o755);
process.exit(status ?? 1);

function typescriptFolder() {
  try {
    return dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
  } catch {
    console.error('error: TypeScript is not installed: run `npm ci` first, without --omit=dev.');
    process.exit(1);
  }
}
