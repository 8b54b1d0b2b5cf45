import type { Command } from 'commander';
import type { LogOptions } from './command.js';
import { bashScript } from './completion/bash.js';
import { completables } from './completion/completable.js';
import { fishScript } from './completion/fish.js';
import { zshScript } from './completion/zsh.js';
import type { Io } from './io.js';

export interface CompletionOptions extends LogOptions {
  readonly shell: 'bash' | 'zsh' | 'fish';
  readonly program: Command | null;
}

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript };

/** Runs `completion`. The script is static: nothing is started when the user presses Tab. */
export async function runCompletion({ shell, program }: CompletionOptions, io: Io): Promise<void> {
  io.stdout.write(SCRIPTS[shell](program === null ? [] : completables(program)));
}
