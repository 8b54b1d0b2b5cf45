import { Argument, type Command } from 'commander';
import { newCommand, type Run } from './command.js';
import type { CompletionOptions } from './completion.js';

/** `completion`: prints the completion script of a shell. */
export function completionCommand(run: Run): Command {
  return newCommand('completion', {
    summary: 'print the completion script of a shell',
    details: 'Write it to where the shell looks for completions, or source it in the settings of the shell.',
    examples: `
      ttl-archive completion bash > ~/.local/share/bash-completion/completions/ttl-archive
      ttl-archive completion fish > ~/.config/fish/completions/ttl-archive.fish
      source <(ttl-archive completion zsh)`,
  })
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish']))
    .action(async (shell: CompletionOptions['shell'], options: CompletionOptions, { parent: program }: Command) => {
      await run(async () => (await import('./completion.js')).runCompletion)({ ...options, shell, program });
    });
}
