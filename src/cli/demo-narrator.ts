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

/** A log that prints the warnings, the errors and the counts of ignored records. */
export function narrator(say: (text: string) => void): Log {
  const sayAll = (named: LogFacts, message: string) => {
    const { event: _, ...facts } = named;
    say(`     ${message}: ${JSON.stringify(facts)}`);
  };
  const sayIgnored = ({ event, ...facts }: LogFacts, message: string) => {
    if (event !== 'records.ignored') return;
    const counts = Object.entries(facts).map(([kind, count]) => `${String(count)} ${kind}`);
    say(`     ${message}: ${counts.join(', ')}`);
  };
  return { debug: () => undefined, info: sayIgnored, warn: sayAll, error: sayAll };
}
