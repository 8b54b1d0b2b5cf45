import type { CompletableCommand, CompletableOption, Value } from './completable.js';

/** The script for zsh: to be sourced, or as the file `_ttl-archive` in a folder of `$fpath`. */
export function zshScript(commands: readonly CompletableCommand[]): string {
  const cases = commands.map(({ name, options, argument }) => {
    const specs = [...options.map(optionSpec), ...(argument === undefined ? [] : [`'*: :${actionOf(argument)}'`])];
    return `        ${name}) _arguments -S \\\n${specs.map((spec) => `          ${spec}`).join(' \\\n')} ;;`;
  });
  const described = commands.map(({ name, summary }) => `        '${name}:${quoted(summary)}'`);
  return `#compdef ttl-archive
# zsh completion for ttl-archive
_ttl_archive() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  _arguments -C '(-)--help[print what it can do]' '(-)--version[print the version]' '1: :->command' '*:: :->arguments'
  case $state in
    command)
      local -a commands
      commands=(
${described.join('\n')}
      )
      _describe command commands ;;
    arguments)
      case $words[1] in
${cases.join('\n')}
      esac ;;
  esac
}
if [[ $funcstack[1] == _ttl-archive ]]; then _ttl_archive "$@"; else compdef _ttl_archive ttl-archive; fi
`;
}

function optionSpec({ names, description, value }: CompletableOption): string {
  const assigned = names.map((name) => (value !== undefined && name.startsWith('--') ? `${name}=` : name));
  const name = names.length > 1 ? `'(${names.join(' ')})'{${assigned.join(',')}}'` : `'${assigned.join()}`;
  return `${name}[${quoted(description)}]${value === undefined ? '' : `: :${actionOf(value)}`}'`;
}

function actionOf(value: Value): string {
  if (value === 'text') return ' ';
  if (value === 'folder') return '_files -/';
  return value === 'file' ? '_files' : `(${value.choices.join(' ')})`;
}

/** Inside single quotes, where a colon and brackets have a meaning for _arguments and _describe. */
function quoted(text: string): string {
  return text.replaceAll(/[\\:[\]]/g, '\\$&').replaceAll("'", `'\\''`);
}
