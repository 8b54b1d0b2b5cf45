import type { ConnectionOptions } from './command.js';
import type { Io } from './io.js';

export interface SetupOptions extends ConnectionOptions {
  readonly keySchema: string;
  readonly ttlAttribute: string;
  readonly viewType: string;
}

/** Runs `setup`. */
export async function setup(_options: SetupOptions, _io: Io): Promise<number> {
  throw new Error('not written yet');
}
