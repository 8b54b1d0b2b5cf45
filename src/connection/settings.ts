import { isIPv4 } from 'node:net';
import { homedir } from 'node:os';
import { env as environment } from 'node:process';
import { TtlArchiveError } from '../errors.js';
import type { Connection } from '../ports/index.js';
import { checkKeys, environmentKeys, loopbackCredentials, type StaticCredentials } from './credentials.js';
import { type Network, proxyFor, readCaBundle } from './network.js';
import { loadConfig, loadSharedConfigFiles, type Variables } from './smithy-config.js';

/** The SDK's service names, from which AWS_ENDPOINT_URL_<SERVICE> is derived. */
export type ServiceId = 'DynamoDB' | 'DynamoDB Streams' | 'S3';

/** Where a client sends its calls, and with which credentials. */
export interface Settings extends Network {
  /** Absent: AWS's own endpoint of the region. */
  readonly endpoint?: string;
  readonly region: string;
  /** The endpoint is on this machine: probably DynamoDB Local. */
  readonly loopback: boolean;
  /** Absent: the SDK's own provider chain. */
  readonly credentials?: StaticCredentials;
}

/**
 * Combines the user's options, the AWS_* environment variables and the shared config files, as the SDK does. A loopback
 * endpoint needs none of them: it falls back to us-east-1 and a dummy key pair, and causes no lookup over the network
 * (instance metadata, SSO, STS) unless `--profile` requires it.
 *
 * Throws USAGE for invalid settings, CREDENTIALS when there is no such profile.
 */
export async function resolveSettings(service: ServiceId, connection: Connection): Promise<Settings> {
  requireHome();
  if (connection.profile !== undefined) await requireProfile(connection.profile);
  const lookup = { ...(connection.profile !== undefined && { profile: connection.profile }) };
  const endpoint = checkEndpoint(service, connection.endpointUrl ?? (await configuredEndpoint(service, lookup)));
  const loopback = endpoint !== undefined && isLoopback(endpoint);
  const region = connection.region ?? (await configuredRegion(lookup)) ?? (loopback ? 'us-east-1' : undefined);
  if (region === undefined) {
    throw new TtlArchiveError('USAGE', 'No AWS region is configured.', {
      remedy: 'Pass --region, or set AWS_REGION or the region of the profile; for DynamoDB Local, pass --local.',
    });
  }
  checkRegion(region);
  const credentials = loopback ? await loopbackCredentials(connection.profile) : environmentKeys(connection.profile);
  if (credentials !== undefined) checkKeys(credentials);
  const target = new URL(endpoint ?? `https://${AWS_HOST[service]}.${region}.amazonaws.com`);
  const proxy = proxyFor(target, loopback, environment);
  const caBundle = await configured(
    lookup,
    (env) => env['AWS_CA_BUNDLE'] || undefined,
    (profile) => profile['ca_bundle'] || undefined,
  );
  return {
    region,
    loopback,
    ...(endpoint !== undefined && { endpoint }),
    ...(credentials && { credentials }),
    ...(proxy && { proxy }),
    ...(caBundle && { caBundle: readCaBundle(caBundle, environment['AWS_CA_BUNDLE'] ? 'AWS_CA_BUNDLE' : 'ca_bundle') }),
  };
}

interface Lookup {
  readonly profile?: string;
}

/** First labels of AWS's host names, for NO_PROXY. */
const AWS_HOST = { DynamoDB: 'dynamodb', 'DynamoDB Streams': 'streams.dynamodb', S3: 's3' } as const;

function checkRegion(region: string): void {
  if (/^[a-z0-9-]+$/i.test(region)) return;
  throw new TtlArchiveError('USAGE', `${JSON.stringify(region)} is not an AWS region.`, {
    remedy: 'Give a region like eu-west-1, with --region, AWS_REGION or the region of the profile.',
  });
}

/** Reads the shared config and credentials files again, so that the next lookup sees them as they are now. */
export async function rereadSharedConfigFiles(): Promise<void> {
  await loadSharedConfigFiles({ ignoreCache: true });
}

/** True for localhost, 127.0.0.0/8 and ::1. */
export function isLoopback(endpoint: string): boolean {
  const { hostname } = new URL(endpoint);
  const lower = hostname.toLowerCase();
  return (
    lower === 'localhost' ||
    lower.endsWith('.localhost') ||
    lower === '[::1]' ||
    (isIPv4(lower) && lower.startsWith('127.'))
  );
}

/** The SDK looks for its configuration in the home folder, and fails where the system knows of none. */
function requireHome(): void {
  try {
    homedir();
  } catch (cause) {
    throw new TtlArchiveError('USAGE', 'This user has no home folder, where AWS configuration is looked for.', {
      remedy: 'Set HOME to a folder, which may be empty.',
      cause,
    });
  }
}

async function requireProfile(profile: string): Promise<void> {
  const { configFile, credentialsFile } = await loadSharedConfigFiles();
  if (Object.hasOwn(configFile, profile) || Object.hasOwn(credentialsFile, profile)) return;
  throw new TtlArchiveError('CREDENTIALS', `There is no AWS profile named ${JSON.stringify(profile)}.`, {
    remedy: 'Pass the name of a profile that ~/.aws/config or ~/.aws/credentials has, or leave --profile out.',
  });
}

function checkEndpoint(service: ServiceId, endpoint: string | undefined): string | undefined {
  if (endpoint === undefined) return undefined;
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if ((url?.protocol === 'http:' || url?.protocol === 'https:') && url.hostname !== '') return endpoint;
  throw new TtlArchiveError('USAGE', `The endpoint URL ${JSON.stringify(endpoint)} is not an http or https URL.`, {
    remedy: `Give a URL like http://localhost:8000 with ${service === 'S3' ? '--s3-endpoint-url' : '--endpoint-url'} or AWS_ENDPOINT_URL.`,
  });
}

/**
 * In the SDK's own order. It is not left to the SDK, which would read AWS_PROFILE's or the default profile even when the
 * client was given another one.
 */
function configuredEndpoint(service: ServiceId, lookup: Lookup): Promise<string | undefined> {
  const name = service.replaceAll(' ', '_');
  return configured(
    lookup,
    (env) =>
      env['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'] === 'true'
        ? ''
        : env[`AWS_ENDPOINT_URL_${name.toUpperCase()}`] || env['AWS_ENDPOINT_URL'] || undefined,
    (profile, file) => {
      if (profile['ignore_configured_endpoint_urls'] === 'true') return '';
      const services = profile['services'] && file?.[`services.${profile['services']}`];
      return (services && services[`${name.toLowerCase()}.endpoint_url`]) || profile['endpoint_url'] || undefined;
    },
  );
}

/** AWS_DEFAULT_REGION is read by the AWS CLI; the JavaScript SDK alone would ignore it. */
function configuredRegion(lookup: Lookup): Promise<string | undefined> {
  return configured(
    lookup,
    (env) => env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || undefined,
    (profile) => profile['region'] || undefined,
  );
}

/** A setting of the environment, or else of the profile. A selector's empty string means that there is none. */
async function configured(
  lookup: Lookup,
  environmentVariableSelector: (env: Variables) => string | undefined,
  configFileSelector: Parameters<typeof loadConfig<string>>[0]['configFileSelector'],
): Promise<string | undefined> {
  return (await loadConfig({ environmentVariableSelector, configFileSelector, default: '' }, lookup)()) || undefined;
}
