import type { Command, Option } from 'commander';

/** What can stand in a place of the command line. `folder` and `file` exist; `text` is not known here. */
export type Value = { readonly choices: readonly string[] } | 'folder' | 'file' | 'text';

export interface CompletableOption {
  /** `--out` and perhaps `-o`. */
  readonly names: readonly string[];
  readonly description: string;
  /** Absent: the option takes no value. */
  readonly value?: Value;
}

/** A command as a completion script needs it. */
export interface CompletableCommand {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly CompletableOption[];
  /** What its arguments are; absent: it takes none. */
  readonly argument?: Value;
}

/** The commands of a program. */
export function completables(program: Command): CompletableCommand[] {
  return program.commands.map((command) => {
    const [argument] = command.registeredArguments;
    return {
      name: command.name(),
      summary: command.summary(),
      options: command.createHelp().visibleOptions(command).map(completableOption),
      ...(argument !== undefined && { argument: valueOf(argument.name(), argument.argChoices) }),
    };
  });
}

function completableOption({ long, short, description, flags, argChoices }: Option): CompletableOption {
  const [, placeholder] = /<([^>]+)>/.exec(flags) ?? [];
  // What stands behind the first clause is for `--help`.
  const [clause = ''] = description.split(/ \(|[.;:] /, 1);
  return {
    names: [long, short].filter((name) => name !== undefined && name !== null),
    description: clause,
    ...(placeholder !== undefined && { value: valueOf(placeholder, argChoices) }),
  };
}

function valueOf(placeholder: string, choices: readonly string[] | undefined): Value {
  if (choices !== undefined) return { choices };
  if (placeholder === 'dir') return 'folder';
  return placeholder === 'file' || placeholder === 'files' ? 'file' : 'text';
}
