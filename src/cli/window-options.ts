import { type Command, Option } from 'commander';
import { TtlArchiveError } from '../errors.js';
import { parseMoment } from './moment.js';

export interface WindowOptions {
  /** Epoch milliseconds, as `until`. */
  readonly since?: number;
  readonly until?: number;
}

/** Commander would pass the value before as the current time. */
const parse = (text: string) => parseMoment(text);

/** Adds `--since` and `--until`; `what` is what they select, like `items deleted`. */
export function addWindowOptions(command: Command, what: string): Command {
  const grammar = 'a date or time (UTC unless it names a zone), or a duration before now';
  return command
    .addOption(new Option('--since <time>', `only ${what} at or after: ${grammar}`).argParser(parse))
    .addOption(new Option('--until <time>', `only ${what} at or before`).argParser(parse));
}

/** Throws USAGE for a window that ends before it begins. */
export function checkWindow({ since, until }: WindowOptions): void {
  if (since === undefined || until === undefined || since <= until) return;
  const [from, to] = [since, until].map((time) => new Date(time).toISOString());
  throw new TtlArchiveError('USAGE', `--since (${from}) is later than --until (${to}).`, {
    remedy: 'Give the earlier time with --since; a duration is counted back from now, so 2d is earlier than 1d.',
  });
}
