import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolders } from '../support/archive-folder.js';

const folder = temporaryFolders();

describe('npm run build', () => {
  it('says what to do, and keeps dist, when the devDependencies are not installed', async () => {
    const clone = await folder();
    await mkdir(join(clone, 'scripts'));
    await mkdir(join(clone, 'dist'));
    await writeFile(join(clone, 'dist', 'bin.js'), '');
    const script = join(clone, 'scripts', 'build.mjs');
    await copyFile('scripts/build.mjs', script);
    const { status, stderr } = spawnSync(process.execPath, [script], { cwd: clone, encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toBe('error: TypeScript is not installed: run `npm ci` first, without --omit=dev.\n');
    expect(existsSync(join(clone, 'dist', 'bin.js'))).toBe(true);
  });
});
