import type { NextCommand } from '../errors.js';
import { isS3Url } from '../lib/s3-location.js';
import { shellWord } from '../lib/shell-word.js';
import type { ConnectionOptions, LogOptions } from './command.js';
import type { Io } from './io.js';
import { LOCAL_URL } from './local-url.js';
import type { S3Options } from './s3-options.js';

/** `verify` of the archive in `out`. */
export function verifyNext(out: string): NextCommand {
  return { program: 'ttl-archive', args: ['verify', '--out', out] };
}

/** The commands of ttl-archive that connect to DynamoDB. */
const CONNECTED = new Set(['setup', 'watch', 'put-and-wait', 'doctor', 'restore', 'teardown']);

type Options = LogOptions & Partial<ConnectionOptions> & Pick<S3Options, 's3EndpointUrl'>;

/**
 * Suggested commands as lines to paste, with the connection options of the command that failed, so that they reach the
 * same table. The pasted command reads the environment and the profile itself.
 */
export function commandLines(commands: readonly NextCommand[], options: Options | undefined, env: Io['env']): string[] {
  return commands.map(({ program, args }) => {
    const [first = ''] = args;
    const connection: Partial<Options> = options ?? {};
    if (program === 'aws') return line(dummyKeys(connection, env), program, args, awsOptions(connection, first, env));
    if (program !== 'ttl-archive') return line([], program, args, []);
    // A user of npx may have no ttl-archive on the PATH.
    const npx = env['npm_command'] === 'exec' ? ['npx'] : [];
    const reachesS3 = args.some(isS3Url);
    return line(npx, program, args, [
      ...(CONNECTED.has(first) ? ourOptions(connection, args) : reachesS3 ? s3Options(connection) : []),
      ...(reachesS3 ? given('--s3-endpoint-url', connection.s3EndpointUrl) : []),
    ]);
  });
}

function line(before: string[], program: string, args: readonly string[], options: readonly string[]): string {
  return [...before, program, ...[...args, ...options].map(shellWord)].join(' ');
}

function ourOptions({ table, endpointUrl, region, profile, local }: Partial<Options>, args: readonly string[]) {
  return [
    ...(table === undefined || args.includes('--table') ? [] : ['--table', table]),
    ...(local === true ? ['--local'] : []),
    ...given('--endpoint-url', endpointUrl),
    ...given('--region', region),
    ...given('--profile', profile),
  ];
}

/** A command that connects to S3 alone has no other connection options. */
function s3Options({ region, profile }: Partial<Options>): string[] {
  return [...given('--region', region), ...given('--profile', profile)];
}

function awsOptions(options: Partial<Options>, service: string, env: Io['env']): string[] {
  const profile = given('--profile', options.profile);
  // `aws sso login` takes no endpoint.
  if (service !== 'dynamodb') return profile;
  const endpoint = endpointOf(options);
  const hasRegion = env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || options.profile || env['AWS_PROFILE'];
  const region = options.region ?? (isLoopback(endpoint) && !hasRegion ? 'us-east-1' : undefined);
  return [...given('--endpoint-url', endpoint), ...given('--region', region), ...profile];
}

/** The AWS CLI needs keys even for an endpoint that ignores them. */
function dummyKeys(options: Partial<Options>, env: Io['env']): string[] {
  const hasKeys = env['AWS_ACCESS_KEY_ID'] || env['AWS_PROFILE'] || options.profile;
  if (hasKeys || !isLoopback(endpointOf(options))) return [];
  return ['AWS_ACCESS_KEY_ID=dummy', 'AWS_SECRET_ACCESS_KEY=dummy'];
}

function endpointOf({ endpointUrl, local }: Partial<Options>): string | undefined {
  return local === true ? LOCAL_URL : endpointUrl;
}

/** The endpoint is on this machine. */
export function isLoopback(endpoint: string | undefined): boolean {
  if (endpoint === undefined || !URL.canParse(endpoint)) return false;
  return /^(?:localhost|.*\.localhost|\[::1\]|127(?:\.\d+){3})$/.test(new URL(endpoint).hostname);
}

function given(option: string, value: string | undefined): string[] {
  return value === undefined ? [] : [option, value];
}
