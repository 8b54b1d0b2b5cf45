import type { Log, LogFacts } from '../ports/index.js';
import { wrap } from './wrap.js';

/** Lines in so many columns; what does not fit stands below, indented further. */
export function textOf(text: string, columns: number): string {
  const lines = text.split('\n').flatMap((line) => {
    const words = line.trimStart();
    const indent = line.length - words.length;
    return wrap(' '.repeat(indent), words, indent + 3, columns);
  });
  return `${lines.join('\n')}\n`;
}

/** A log that prints the warnings and the errors. */
export function narrator(say: (text: string) => void): Log {
  const sayAll = (named: LogFacts, message: string) => {
    const { event: _, ...facts } = named;
    say(`     ${message}: ${JSON.stringify(facts)}`);
  };
  return { debug: () => undefined, info: () => undefined, warn: sayAll, error: sayAll };
}
