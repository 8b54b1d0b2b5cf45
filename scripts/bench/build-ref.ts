import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './processes.js';
import type { Compared } from './types.js';

const run = promisify(execFile);

/** Checks out and builds another commit below `folder`, with its own packages where its lock file differs. */
export async function buildRef(ref: string, folder: string): Promise<Compared> {
  const commit = (await run('git', ['rev-parse', '--verify', `${ref}^{commit}`], { cwd: ROOT })).stdout.trim();
  const checkout = join(folder, 'compared');
  // A clone, so that nothing stays behind in this repository.
  await run('git', ['clone', '--quiet', '--no-checkout', '--shared', ROOT, checkout]);
  await run('git', ['checkout', '--quiet', commit], { cwd: checkout });
  const lock = (root: string) => readFile(join(root, 'package-lock.json'), 'utf8');
  if ((await lock(ROOT)) === (await lock(checkout)) && existsSync(join(ROOT, 'node_modules'))) {
    await symlink(join(ROOT, 'node_modules'), join(checkout, 'node_modules'));
    await run(process.execPath, ['scripts/build.mjs'], { cwd: checkout });
  } else await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: checkout });
  return { ref, bin: join(checkout, 'dist', 'bin.js') };
}
