import type { CompletableCommand, CompletableOption, Value } from './completable.js';

/** The script for fish. */
export function fishScript(commands: readonly CompletableCommand[]): string {
  const names = commands.map(({ name, summary }) => line('__fish_use_subcommand', `-a ${name}`, described(summary)));
  const options = commands.flatMap(({ name, options: own, argument }) => {
    const inCommand = `__fish_seen_subcommand_from ${name}`;
    return [
      ...own.map((option) => line(inCommand, flagsOf(option), described(option.description))),
      ...(argument === undefined ? [] : [line(inCommand, argumentOf(argument))]),
    ];
  });
  const lines = ['# fish completion for ttl-archive', 'complete -c ttl-archive -f', ...names, ...options];
  return `${lines.join('\n')}\n`;
}

function line(condition: string, ...parts: string[]): string {
  return `complete -c ttl-archive -n '${condition}' ${parts.join(' ')}`;
}

function flagsOf({ names, value }: CompletableOption): string {
  const flags = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  return [...flags, ...(value === undefined ? [] : [argumentOf(value, '-r')])].join(' ');
}

/** `-r`: an option that takes a value. */
function argumentOf(value: Value, required = ''): string {
  if (value === 'text') return '-x';
  if (value === 'folder') return `${required} -a '(__fish_complete_directories)'`.trim();
  if (value === 'file') return `${required} -F`.trim();
  return `${required === '' ? '' : '-x '}-a '${value.choices.join(' ')}'`;
}

function described(text: string): string {
  return `-d '${text.replaceAll(/[\\']/g, '\\$&')}'`;
}
