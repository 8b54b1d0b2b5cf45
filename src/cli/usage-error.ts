import type { Command, CommanderError } from 'commander';
import { TtlArchiveError } from '../errors.js';

/** Commander's codes for having printed help or the version. */
const DISPLAYED = new Set(['commander.helpDisplayed', 'commander.version', 'commander.help']);

/** True when commander stopped because it printed help or the version. */
export function isDisplayed(error: CommanderError): boolean {
  return DISPLAYED.has(error.code);
}

/**
 * Commander's error as a sentence and a remedy: the parser's own (`Give a duration like …`) or commander's
 * `(Did you mean --table?)`, else the command's help.
 */
export function toUsageError(error: CommanderError, command: Command): TtlArchiveError {
  const message = error.message.replace(/^error: /, '').replace('. Expected ', ': expected ');
  // A value on the command line may have line feeds of its own.
  const [, first = message, suggestion = ''] = /^(.*)\n\((Did you mean .*)\)$/s.exec(message) ?? [];
  const [, statement = first, advice = ''] = /^(.* is invalid\.) (.+)$/s.exec(first) ?? [];
  const help = `Run "${nameOf(command)} --help" to see what it takes.`;
  return new TtlArchiveError('USAGE', sentence(statement), {
    remedy: [advice, suggestion, ...(advice === '' ? [help] : [])].filter((part) => part !== '').join(' '),
    cause: error,
  });
}

function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return capital.endsWith('.') ? capital : `${capital}.`;
}

function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}
