import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkVersions } from '../../../src/cli/check-versions.js';
import { packageVersion } from '../../../src/cli/versions.js';
import { temporaryFolders } from '../../support/archive-folder.js';

const folder = temporaryFolders();

async function withPackage(name: string, manifest: string): Promise<string> {
  const cwd = await folder();
  await mkdir(join(cwd, 'node_modules', name), { recursive: true });
  await writeFile(join(cwd, 'node_modules', name, 'package.json'), manifest);
  return cwd;
}

describe('packageVersion', () => {
  it('finds a package in the current folder, where npx has none', async () => {
    const cwd = await withPackage('only-here', '{\n  "version": "1.2.3"\n}');
    expect(packageVersion('only-here', cwd)).toBe('1.2.3');
  });

  it('prefers the package that is installed beside this program, as loading does', async () => {
    const cwd = await withPackage('commander', '{\n  "version": "0.0.1"\n}');
    expect(packageVersion('commander', cwd)).toMatch(/^14\./);
  });

  it.each(['{"name":"only-here","version":"1.2.3"}', '{\n    "version": "1.2.3"\n}'])(
    'reads the manifest %j, however it is formatted',
    async (manifest) => {
      expect(packageVersion('only-here', await withPackage('only-here', manifest))).toBe('1.2.3');
    },
  );

  it.each(['{', '[]', '{"version":1}'])('knows no version from the manifest %s', async (manifest) => {
    expect(packageVersion('only-here', await withPackage('only-here', manifest))).toBeUndefined();
  });

  it('knows no version of what is not installed', async () => {
    expect(packageVersion('only-here', await folder())).toBeUndefined();
  });
});

describe('checkVersions', () => {
  it('tells of DynamoDB Local only when it may be in use', async () => {
    const cwd = await folder();
    const names = (local: boolean) => checkVersions({ cwd, local }).map(({ check }) => check);
    expect(names(false)).toEqual(['node', 'sdk', 's3-sdk']);
    expect(names(true)).toEqual(['node', 'sdk', 's3-sdk', 'dynamodb-local']);
  });

  it('prints the versions that run here', () => {
    const [node, sdk] = checkVersions({ cwd: '/', local: false });
    expect(node?.says).toContain(`Node.js ${process.versions.node}.`);
    expect(sdk?.says).toMatch(/client-dynamodb 3\.\d+\.\d+, client-dynamodb-streams 3\.\d+\.\d+\.$/);
  });
});
