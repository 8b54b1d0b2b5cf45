import { type Command, Option } from 'commander';
import { parseS3Url } from '../lib/s3-location.js';
import { systemClock } from '../lib/system-clock.js';
import type { Connection, ObjectStorage } from '../ports/index.js';
import type { ConnectionOptions, LogOptions } from './command.js';
import type { Io } from './io.js';

/** Options of every command that reads or writes `s3://`. */
export interface S3Options extends LogOptions, Pick<ConnectionOptions, 'region' | 'profile'> {
  readonly s3EndpointUrl?: string;
}

/** The waits between so many attempts add up to about 25 seconds: a person waits for the answer. */
const ATTEMPTS = 10;

/** Adds `--s3-endpoint-url`, and `--region` and `--profile` to a command that does not have them. */
export function addS3Options(command: Command): Command {
  const options = [
    new Option('--s3-endpoint-url <url>', 'endpoint of S3 (default: as configured for the AWS SDK)'),
    new Option('--region <name>', 'AWS region (default: as configured for the AWS SDK)'),
    new Option('--profile <name>', 'AWS profile (default: as configured for the AWS SDK)'),
  ];
  for (const option of options) {
    if (command.options.some(({ long }) => long === option.long)) continue;
    command.addOption(option.helpGroup('Connection to S3:'));
  }
  return command;
}

/**
 * The objects under `s3://bucket/prefix`, reached as the options, the environment and the profile say. Makes no call.
 * Throws USAGE for an address that is none, for invalid settings, and when the SDK for S3 is not installed.
 */
export async function openStorage(
  url: string,
  options: S3Options,
  { signal }: Pick<Io, 'signal'>,
): Promise<ObjectStorage> {
  const location = parseS3Url(url);
  // The commands that stay on disk do not load the SDK's packages.
  const { openS3Storage } = await import('../s3/open-s3-storage.js');
  const context = { clock: systemClock, random: Math.random, signal, attempts: ATTEMPTS };
  return openS3Storage(location, s3Connection(options), context);
}

function s3Connection({ s3EndpointUrl, region, profile }: S3Options): Connection {
  return {
    ...(s3EndpointUrl !== undefined && { endpointUrl: s3EndpointUrl }),
    ...(region !== undefined && { region }),
    ...(profile !== undefined && { profile }),
  };
}
