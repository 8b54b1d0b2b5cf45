import { type Command, InvalidArgumentError, Option } from 'commander';
import type { TableTag } from '../watch/tables-options.js';

/** Adds `--table-pattern` and `--tag`, which choose among the tables of a region. */
export function addTableChoice(command: Command, use = ''): Command {
  return command
    .addOption(
      new Option(
        '--table-pattern <pattern>',
        `${use}also the tables whose names match: * stands for any characters, ? for one; several with commas, or the option again`,
      )
        .argParser((text, before?: readonly string[]) => [...(before ?? []), ...parsePatterns(text)])
        .helpGroup('Tables:'),
    )
    .addOption(
      new Option(
        '--tag <key=value>',
        `${use}only tables with this tag, of those that match a pattern, else of all; may be repeated`,
      )
        .argParser((text, before?: readonly TableTag[]) => [...(before ?? []), parseTag(text)])
        .helpGroup('Tables:'),
    );
}

/** Parses patterns of table names, separated by commas. Throws commander's InvalidArgumentError. */
function parsePatterns(text: string): string[] {
  const patterns = text.split(',').map((pattern) => pattern.trim());
  if (patterns.every((pattern) => /^[\w.*?-]+$/.test(pattern))) return patterns;
  throw new InvalidArgumentError('Give a pattern of table names like prod-*, in quotes.');
}

/** Parses `key=value`. Throws commander's InvalidArgumentError. */
function parseTag(text: string): TableTag {
  const at = text.indexOf('=');
  if (at > 0) return { key: text.slice(0, at), value: text.slice(at + 1) };
  throw new InvalidArgumentError('Give a tag like archive=yes.');
}
