import { type Command, Option } from 'commander';
import type { S3Reach } from '../reading/open-storage.js';
import type { LogOptions } from './command.js';

/** Options of every command that reads or writes `s3://`. */
export interface S3Options extends LogOptions, S3Reach {}

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
