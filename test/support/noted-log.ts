import type { Log } from '../../src/ports.js';

export interface NotedLine {
  readonly level: keyof Log;
  readonly event: string;
  readonly facts: object;
}

/** A log that keeps what it is told. */
export function notedLog(): Log & { readonly lines: readonly NotedLine[] } {
  const lines: NotedLine[] = [];
  const note = (level: keyof Log) => (facts: object, event: string) => {
    lines.push({ level, event, facts });
  };
  return { lines, debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
}
