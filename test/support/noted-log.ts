import type { Log, LogFacts } from '../../src/ports/index.js';

export interface NotedLine {
  readonly level: keyof Log;
  readonly event: string;
  readonly message: string;
  /** All but the event's name. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/** A log that keeps its lines. */
export function notedLog(): Log & { readonly lines: readonly NotedLine[] } {
  const lines: NotedLine[] = [];
  const note =
    (level: keyof Log) =>
    ({ event, ...facts }: LogFacts, message: string) => {
      lines.push({ level, event, message, facts });
    };
  return { lines, debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
}
