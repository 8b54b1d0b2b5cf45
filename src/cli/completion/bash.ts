import type { CompletableCommand, Value } from './completable.js';

/** The script for bash, also for the 3.2 of macOS. */
export function bashScript(commands: readonly CompletableCommand[]): string {
  const afterOption = commands.flatMap(({ name, options }) =>
    options.flatMap(({ names, value }) => {
      if (value === undefined) return [];
      const patterns = names.map((option) => `'${name} ${option}'`).join('|');
      return `    ${patterns}) ${value === 'text' ? '' : `${replyOf(value)}; `}return ;;`;
    }),
  );
  const inCommand = commands.map(({ name, options, argument }) => {
    const words = options.flatMap(({ names }) => names.filter((option) => option.startsWith('--')));
    const reply = argument === undefined ? '' : ` [[ $cur == -* ]] || { ${replyOf(argument)}; return; };`;
    return `    ${name})${reply} words='${words.join(' ')}' ;;`;
  });
  return `# bash completion for ttl-archive
_ttl_archive() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command='' words='' word IFS=$'\\n'
  COMPREPLY=()
  # --out=x comes as three words.
  if [[ $cur == '=' ]]; then cur=''; elif [[ $prev == '=' ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word == -* ]] || { command=$word; break; }
  done
  case "$command $prev" in
${afterOption.join('\n')}
  esac
  case "$command" in
    '') words='${commands.map(({ name }) => name).join(' ')} --help --version' ;;
${inCommand.join('\n')}
  esac
  IFS=' '
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -F _ttl_archive ttl-archive
`;
}

function replyOf(value: Value): string {
  if (value === 'text') return ':';
  if (value === 'folder') return `compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$cur"))`;
  if (value === 'file') return `compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur"))`;
  return `COMPREPLY=($(compgen -W $'${value.choices.join('\\n')}' -- "$cur"))`;
}
