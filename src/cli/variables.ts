import { Command, type Option } from 'commander';
import { TtlArchiveError } from '../errors.js';
import type { Io } from './io.js';

const ON = new Set(['1', 'true', 'yes', 'on']);
const OFF = new Set(['0', 'false', 'no', 'off']);

/**
 * A command whose options can be set by environment variables: all options of `watch`, because containers are configured
 * that way, and `--out` of the other commands, so that they find the same archive. The command line takes precedence.
 */
export class CommandWithVariables extends Command {
  override addOption(option: Option): this {
    const variable = variableOf(option, this.name());
    if (variable !== undefined) option.env(variable);
    return super.addOption(option);
  }
}

/**
 * Makes commander ignore the variables that are empty or off: it would take an empty text for a value, and `0` for `true`.
 * Throws USAGE for an option without a value whose variable is neither on nor off.
 */
export function ignoreUnset(command: Command, env: Io['env']): void {
  for (const option of command.options) {
    const { envVar: variable } = option;
    if (variable === undefined || isSet(option, variable, env[variable])) continue;
    delete option.envVar;
  }
}

function variableOf(option: Option, command: string): string | undefined {
  const name = option.attributeName();
  // $NO_COLOR is everybody's; $TTL_ARCHIVE_TABLE is the default of every command (`tableName`).
  if (option.negate || name === 'table') return undefined;
  if (command !== 'watch' && name !== 'out') return undefined;
  return `TTL_ARCHIVE_${name.replaceAll(/[A-Z]/g, '_$&').toUpperCase()}`;
}

function isSet(option: Option, variable: string, value: string | undefined): boolean {
  if (value === undefined) return true;
  if (value === '') return false;
  if (option.required) return true;
  const word = value.toLowerCase();
  if (ON.has(word) || OFF.has(word)) return ON.has(word);
  throw new TtlArchiveError('USAGE', `The environment variable ${variable} is neither on nor off.`, {
    remedy: `Set ${variable} to 1 or 0, or unset it.`,
  });
}
