import { TtlArchiveError } from '../errors.js';
import type { Log } from '../ports/index.js';

/** What a function calls the options that sentences name as the command line does. */
export type OptionNames = Readonly<Record<string, string>>;

const CONNECTION = {
  '--endpoint-url': 'connection.endpointUrl',
  '--region': 'connection.region',
  '--profile': 'connection.profile',
  '--local': 'connection.endpointUrl',
};

/** Of `watch` and `watchTables`. */
export const WATCH_NAMES: OptionNames = {
  ...CONNECTION,
  '--table': 'table',
  '--out': 'out',
  '--layout': 'layout',
  '--format': 'format',
  '--compress': 'compress',
  '--deletions': 'deletions',
  '--concurrency': 'concurrency',
  '--segment-size': 'segmentSize',
  '--upload': 'upload',
  '--s3-endpoint-url': 'upload.endpointUrl',
};

/** Of `deliver` and `readTtlDeletions`. */
export const DELIVERY_NAMES: OptionNames = { ...WATCH_NAMES, '--out': 'positions' };

/** Of `find`, `verify` and `restore`. */
export const READING_NAMES: OptionNames = {
  ...CONNECTION,
  '--table': 'table',
  '--out': 'out',
  '--key': 'key',
  '--s3-endpoint-url': 's3EndpointUrl',
  '--concurrency': 'concurrency',
  '--layout': 'layout',
  '--deletions': 'deletions',
};

/** What only a command can do. */
const PHRASES: readonly (readonly [string, string])[] = [
  [' with --table, where the command has it, or', ''],
  [', or a --table under it', ', or the archive of a table under it'],
];

/** A quoted command is left alone; else an option, with its value when that is a word of ours, quoted, or in S3. */
const OPTION =
  /"ttl-archive [^"]*"|(?<![\w-])(--[a-z][a-z0-9-]*)(?: (?:'(?<quoted>[^']*)'|(?<word>s3:\/\/[^\s,;]*[^\s,;.]|files|segments|item|record|plain|gzip|none|ttl|inferred|all)(?![\w/])))?/g;

/** A sentence with the names of the library. */
export function renameOptions(text: string, names: OptionNames): string {
  const said = PHRASES.reduce((before, [phrase, instead]) => before.replace(phrase, instead), text);
  return said.replace(OPTION, (match: string, option?: string, quoted?: string, word?: string) => {
    const name = option === undefined ? undefined : names[option];
    if (name === undefined) return match;
    const value = quoted ?? (word === undefined ? undefined : `'${word}'`);
    return value === undefined ? `\`${name}\`` : `\`${name}: ${value}\``;
  });
}

/** The error as a caller of the library reads it. */
export function renamedFailure(error: TtlArchiveError, names: OptionNames): TtlArchiveError {
  const message = renameOptions(error.message, names);
  const remedy = error.remedy && renameOptions(error.remedy, names);
  if (message === error.message && remedy === error.remedy) return error;
  const { code, commands, cause, stack } = error;
  const renamed = new TtlArchiveError(code, message, { remedy, commands, ...(cause !== undefined && { cause }) });
  if (stack !== undefined) renamed.stack = stack.replace(error.message, () => message);
  return renamed;
}

/** As renamedFailure; anything but a TtlArchiveError stays as it is. */
export function renamedError(error: unknown, names: OptionNames): unknown {
  return error instanceof TtlArchiveError ? renamedFailure(error, names) : error;
}

/** Does the work of a function of the library: what it throws names the library's options. */
export async function withNames<T>(names: OptionNames, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw renamedError(error, names);
  }
}

/** Starts something: what that throws at once names the library's options. */
export function startWithNames<T>(names: OptionNames, start: () => T): T {
  try {
    return start();
  } catch (error) {
    throw renamedError(error, names);
  }
}

/** A log whose reasons and remedies name the library's options. */
export function renamedLog(lines: Log, names: OptionNames): Log {
  const at =
    (level: keyof Log): Log['info'] =>
    ({ event, ...facts }, message) => {
      const renamed = Object.entries(facts).map(([name, fact]) => [
        name,
        (name === 'reason' || name === 'remedy') && typeof fact === 'string' ? renameOptions(fact, names) : fact,
      ]);
      lines[level]({ event, ...Object.fromEntries(renamed) }, message);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
