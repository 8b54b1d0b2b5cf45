import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const page = readFileSync('docs/troubleshooting.md', 'utf8');

/** A source in which each `${…}` of a template, and each seam between concatenated strings, is as the page writes it. */
function asWritten(source: string): string {
  let text = '';
  for (let at = 0; at < source.length; at++) {
    if (!source.startsWith('${', at)) {
      text += source[at];
      continue;
    }
    let depth = 1;
    for (at += 2; depth > 0 && at < source.length; at++) {
      if (source[at] === '{') depth++;
      if (source[at] === '}') depth--;
    }
    at--;
    text += '…';
  }
  return text.replace(/['`] \+\s*['`]/g, '').replace(/…+/g, '…');
}

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => asWritten(readFileSync(`src/${name}`, 'utf8')))
  .join('\n');

/** The messages in the first column of the tables with that heading. */
const messages = [...page.matchAll(/^\| message \|.*\n\|.*\n((?:\|.*\n)+)/gm)].flatMap(([, rows = '']) =>
  [...rows.matchAll(/^\| `([^`]+)`/gm)].map(([, message = '']) => message),
);

describe('docs/troubleshooting.md', () => {
  it('has messages to look for', () => {
    expect(messages.length).toBeGreaterThan(30);
  });

  it.each(messages)('quotes what the program says: %s', (message) => {
    const quotes = ['`', "'"].map((quote) => `${quote}${message}${quote}`);
    expect(quotes.some((quoted) => sources.includes(quoted))).toBe(true);
  });

  it('explains every cause of a gap', () => {
    const [, causes = ''] = /type GapCause =([^;]+);/.exec(readFileSync('src/ports/journal.ts', 'utf8')) ?? [];
    const names = [...causes.matchAll(/'([\w-]+)'/g)].map(([, name = '']) => name);
    expect(names.length).toBeGreaterThan(5);
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});
