import { type Command, InvalidArgumentError, Option } from 'commander';
import { parsePositiveDuration } from './duration.js';
import type { Io } from './io.js';
import { CommandWithVariables } from './variables.js';

/** Runs a command with its parsed options. Returns the exit status (nothing: 0) or throws a TtlArchiveError. */
type Action<Options> = (options: Options, io: Io) => Promise<number | void>;

/** Turns a lazily imported action into commander's, so that `--help` does not load what only the action needs. */
export type Run = <Options extends LogOptions>(
  load: () => Promise<Action<Options>>,
) => (options: Options) => Promise<void>;

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;

/** Options of every command. */
export interface LogOptions {
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly logFormat?: 'pretty' | 'json';
  readonly color: boolean;
}

/** Options of every command that connects to DynamoDB. */
export interface ConnectionOptions extends LogOptions {
  /** Default: see `tableName`. */
  readonly table?: string;
  readonly endpointUrl?: string;
  readonly region?: string;
  readonly profile?: string;
  readonly local?: boolean;
}

interface About {
  /** Its line in `ttl-archive --help`: at most 60 characters. */
  readonly summary: string;
  /** Further sentences for its own help. */
  readonly details?: string;
  /** Two commands or more, one a line. */
  readonly examples: string;
}

/** A command with its examples under `--help`. */
export function newCommand(name: string, about: About): Command {
  const examples = about.examples.trim().replaceAll(/^\s*/gm, '  ');
  const sentence = `${about.summary.charAt(0).toUpperCase()}${about.summary.slice(1)}.`;
  return new CommandWithVariables(name)
    .summary(about.summary)
    .description(about.details === undefined ? sentence : `${sentence} ${about.details}`)
    .addHelpText('after', `\nExamples:\n${examples}`);
}

/** For the help of commands that create a missing table with `--local`. */
export const CREATES_TABLE =
  'With --local, a missing table is created, unless it was named and the server was already running.';

/** Adds `--table`, `--endpoint-url`, `--region`, `--profile` and `--local`. */
export function addConnectionOptions(command: Command): Command {
  const group = 'Connection:';
  const options = [
    new Option('-t, --table <name>', 'name or ARN of the table (default: $TTL_ARCHIVE_TABLE, else "TTLTest")'),
    new Option(
      '--endpoint-url <url>',
      'endpoint of DynamoDB and DynamoDB Streams (default: as configured for the AWS SDK)',
    ).conflicts('local'),
    new Option('--region <name>', 'AWS region (default: as configured for the AWS SDK)'),
    new Option('--profile <name>', 'AWS profile (default: as configured for the AWS SDK)'),
    new Option(
      '--local',
      'use DynamoDB Local at http://localhost:8000; start the embedded one for the duration of the command when nothing ' +
        'answers there',
    ),
  ];
  for (const option of options) command.addOption(option.helpGroup(group));
  return command;
}

/** Adds `--log-level`, `--log-format` and `--no-color`; `buildProgram` does it for every command. */
export function addLogOptions(command: Command): Command {
  const group = 'Log (on stderr):';
  const options = [
    new Option('--log-level <level>', 'minimum log level').choices(LOG_LEVELS).default('info'),
    new Option(
      '--log-format <format>',
      'how to format the log (default: pretty on a terminal, else JSON lines)',
    ).choices(['pretty', 'json']),
    new Option('--no-color', 'disable colors, as NO_COLOR=1 does'),
  ];
  for (const option of options) command.addOption(option.helpGroup(group));
  return command;
}

/** An option with a fixed set of values, of which the first is the default. */
export function choiceOption(flags: string, description: string, choices: readonly [string, ...string[]]): Option {
  return new Option(flags, description).choices(choices).default(choices[0]);
}

/** An option with a duration longer than zero, in milliseconds; `fallback` is the default as a user would write it. */
export function durationOption(flags: string, description: string, fallback: string): Option {
  return new Option(flags, description)
    .argParser(parsePositiveDuration)
    .default(parsePositiveDuration(fallback), fallback);
}

/** `--max-lag`, in milliseconds. */
export function maxLagOption(description: string): Option {
  return new Option('--max-lag <duration>', description).argParser((text) => {
    const milliseconds = parsePositiveDuration(text);
    if (milliseconds < 86_400_000) return milliseconds;
    throw new InvalidArgumentError('Give a duration shorter than the 24 hours for which records live, like 6h.');
  });
}

/** Which deletions count, of `watch` and `doctor`. */
export function deletionsOption(description: string): Option {
  return choiceOption('--deletions <which>', description, ['ttl', 'inferred', 'all']);
}

/** `--table` of the commands that read an archive. */
export function archiveTableOption(): Option {
  return new Option('-t, --table <name>', 'the table, where --out holds the archives of several tables');
}

/** `--out`: the archive folder. */
export function outOption(description = 'the archive folder'): Option {
  return new Option('-o, --out <dir>', description).default('temp').argParser((folder) => {
    if (folder === '') throw new InvalidArgumentError('Give the name of a folder.');
    return folder;
  });
}

/** The table to use: `--table`, else $TTL_ARCHIVE_TABLE, else `TTLTest`. */
export function tableName(options: ConnectionOptions, io: Io): string {
  return options.table ?? (io.env['TTL_ARCHIVE_TABLE'] || 'TTLTest');
}
