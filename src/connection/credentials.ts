import { env as environment } from 'node:process';
import { TtlArchiveError } from '../errors.js';
import { loadConfig, type Variables } from './smithy-config.js';

export interface StaticCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** DynamoDB Local accepts any key made of letters and digits; with -sharedDb it ignores it. */
const DUMMY: StaticCredentials = { accessKeyId: 'dummy', secretAccessKey: 'dummy' };

/** Members of a profile that name a source of credentials other than a key pair. */
const CREDENTIAL_SOURCES = [
  'role_arn',
  'credential_process',
  'web_identity_token_file',
  'sso_session',
  'sso_start_url',
  'login_session',
];

/**
 * Keys in the environment take precedence over AWS_PROFILE, as with the AWS CLI; the SDK would prefer the profile, and
 * warn. Undefined: the SDK's own provider chain decides.
 */
export function environmentKeys(profile: string | undefined): StaticCredentials | undefined {
  if (profile !== undefined) return undefined;
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = environment;
  return keyPair(id, secret, token);
}

/** The keys for an endpoint on this machine: configured ones, or a dummy pair. Undefined: the SDK's provider chain. */
export async function loopbackCredentials(profile: string | undefined): Promise<StaticCredentials | undefined> {
  const found = await loadConfig<StaticCredentials | 'chain'>(
    {
      environmentVariableSelector: (env: Variables) =>
        profile === undefined
          ? keyPair(env['AWS_ACCESS_KEY_ID'], env['AWS_SECRET_ACCESS_KEY'], env['AWS_SESSION_TOKEN'])
          : undefined,
      configFileSelector: (of) =>
        profile !== undefined && CREDENTIAL_SOURCES.some((name) => of[name])
          ? 'chain'
          : keyPair(of['aws_access_key_id'], of['aws_secret_access_key'], of['aws_session_token']),
      default: DUMMY,
    },
    { preferredFile: 'credentials', ...(profile !== undefined && { profile }) },
  )();
  return found === 'chain' ? undefined : found;
}

/** Throws USAGE for keys that HTTP headers cannot hold, such as those with a line feed from copying or from a file. */
export function checkKeys({ accessKeyId, secretAccessKey, sessionToken = '' }: StaticCredentials): void {
  const bad = Object.entries({
    'access key id': accessKeyId,
    'secret access key': secretAccessKey,
    'session token': sessionToken,
  }).find(([, value]) => /[^\x21-\x7e]/.test(value));
  if (bad === undefined) return;
  throw new TtlArchiveError(
    'USAGE',
    `The AWS ${bad[0]} holds a space, a line feed or another character that no key has.`,
    {
      remedy:
        'Set it again without spaces and line ends (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN).',
    },
  );
}

function keyPair(id: string | undefined, secret: string | undefined, token: string | undefined) {
  return id && secret ? { accessKeyId: id, secretAccessKey: secret, ...(token && { sessionToken: token }) } : undefined;
}
