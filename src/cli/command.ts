import { Command, InvalidArgumentError, Option } from 'commander';
import type { Io } from './io.js';

/** What a command does with its parsed options. Gives the exit status (nothing: 0) or throws a TtlArchiveError. */
type Action<Options> = (options: Options, io: Io) => Promise<number | void>;

/** Turns a lazily imported action into commander's: a definition must not load what only its action needs. */
export type Run = <Options extends LogOptions>(
  load: () => Promise<Action<Options>>,
) => (options: Options) => Promise<void>;

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;

/** Every command has these. */
export interface LogOptions {
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly logFormat?: 'pretty' | 'json';
  readonly color: boolean;
}

/** Every command that talks to DynamoDB has these. */
export interface ConnectionOptions extends LogOptions {
  /** Absent: `tableName()` knows. */
  readonly table?: string;
  readonly endpointUrl?: string;
  readonly region?: string;
  readonly profile?: string;
  readonly local?: boolean;
}

/** A command with its example (lines without indentation) under `--help`. */
export function newCommand(name: string, about: { readonly summary: string; readonly example: string }): Command {
  const example = about.example
    .trim()
    .split('\n')
    .map((line) => `  ${line.trim()}`)
    .join('\n');
  return new Command(name).description(about.summary).addHelpText('after', `\nExample:\n${example}`);
}

/** Adds `--table`, `--endpoint-url`, `--region`, `--profile` and `--local`. */
export function addConnectionOptions(command: Command): Command {
  const group = 'Connection:';
  const options = [
    new Option('-t, --table <name>', 'the table (default: $TTL_ARCHIVE_TABLE, else "TTLTest")'),
    new Option(
      '--endpoint-url <url>',
      "DynamoDB and DynamoDB Streams endpoint (default: the SDK's own chain)",
    ).conflicts('local'),
    new Option('--region <name>', "as in the AWS CLI (default: the SDK's own chain)"),
    new Option('--profile <name>', "as in the AWS CLI (default: the SDK's own chain)"),
    new Option(
      '--local',
      'DynamoDB Local at http://localhost:8000: used if it answers there, otherwise the embedded one is started and ' +
        'stopped with the command; a missing table is set up first',
    ),
  ];
  for (const option of options) command.addOption(option.helpGroup(group));
  return command;
}

/** Adds `--log-level`, `--log-format` and `--no-color`; `buildProgram` does it for every command. */
export function addLogOptions(command: Command): Command {
  const group = 'Log (on stderr):';
  const options = [
    new Option('--log-level <level>', 'from this level on').choices(LOG_LEVELS).default('info'),
    new Option('--log-format <format>', 'default: pretty on a terminal, JSON lines otherwise').choices([
      'pretty',
      'json',
    ]),
    new Option('--no-color', 'no colours (NO_COLOR is honoured, too)'),
  ];
  for (const option of options) command.addOption(option.helpGroup(group));
  return command;
}

/** `--out`: the archive folder. */
export function outOption(description = 'the archive folder'): Option {
  return new Option('-o, --out <dir>', description).default('temp').argParser((folder) => {
    if (folder === '') throw new InvalidArgumentError('Give the name of a folder.');
    return folder;
  });
}

/** The table that a command is about: `--table`, else $TTL_ARCHIVE_TABLE, else `TTLTest`. */
export function tableName(options: ConnectionOptions, io: Io): string {
  return options.table ?? (io.env['TTL_ARCHIVE_TABLE'] || 'TTLTest');
}
