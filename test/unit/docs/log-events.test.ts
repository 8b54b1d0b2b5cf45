import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const CALL = /\blog\??(?:\.(debug|info|warn|error)|\[level\])\(/g;
const NAMED_CALL = /\blog\??(?:\.(debug|info|warn|error)|\[level\])\(\s*\{\s*event: '([a-z.-]+)'/g;
const NAMED_LITERAL = /\blog\??(?:\.(\w+)|\[level\])\(\s*\{\s*event: '([a-z.-]+)'[^{}]*(?:\$?\{[^{}]*\}[^{}]*)*\}/g;
const ROW = /^\| `([a-z-]+\.[a-z-]+)` \| ([a-z, ]+) \| ([^|]+) \|/gm;

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, text: readFileSync(`src/${name}`, 'utf8') }));

/** Event → the levels at which the sources log it; a call whose level is chosen when it runs has `warn` and `debug`. */
function logged(): Map<string, Set<string>> {
  // Not a call of the log, but a line in its format, and of its only level.
  const events = new Map([['command.failed', new Set(['fatal'])]]);
  for (const [, level, event = ''] of sources.flatMap(({ text }) => [...text.matchAll(NAMED_CALL)])) {
    const levels = events.get(event) ?? new Set();
    for (const each of level === undefined ? ['warn', 'debug'] : [level]) levels.add(each);
    events.set(event, levels);
  }
  return events;
}

/** Event → the members that its calls name; a spread may add others. */
function membersOf(): Map<string, { names: Set<string>; spreads: boolean }> {
  const members = new Map<string, { names: Set<string>; spreads: boolean }>();
  for (const [call, , event = ''] of sources.flatMap(({ text }) => [...text.matchAll(NAMED_LITERAL)])) {
    const literal = call.slice(call.indexOf(event) + event.length + 1).replace(/\([^()]*\)/g, '');
    const of = members.get(event) ?? { names: new Set<string>(), spreads: false };
    for (const part of literal.replace(/\}$/, '').split(',')) {
      const [, name] = /^\s*(\w+)(?::|\s*$)/.exec(part) ?? [];
      if (name !== undefined) of.names.add(name);
      else if (part.includes('...')) of.spreads = true;
    }
    members.set(event, of);
  }
  return members;
}

describe('the events of the log', () => {
  it('are written as a literal at the beginning of each call, so that they can be found', () => {
    const unnamed = sources.filter(
      ({ text }) => [...text.matchAll(CALL)].length !== [...text.matchAll(NAMED_CALL)].length,
    );
    expect(unnamed.map(({ name }) => name)).toEqual([]);
  });

  it('are the ones in docs/log-events.md, at those levels', () => {
    const rows = [...readFileSync('docs/log-events.md', 'utf8').matchAll(ROW)];
    const documented = rows.map(([, event, levels = '']) => `${event}: ${levels.split(', ').toSorted().join()}`);
    const found = [...logged()].map(([event, levels]) => `${event}: ${[...levels].toSorted().join()}`);
    expect(documented.toSorted()).toEqual(found.toSorted());
  });

  it('have the fields that docs/log-events.md lists', () => {
    const rows = [...readFileSync('docs/log-events.md', 'utf8').matchAll(ROW)];
    const wrong = rows.flatMap(([, event = '', , fields = '']) => {
      const { names, spreads } = membersOf().get(event) ?? { names: new Set<string>(), spreads: true };
      const listed = [...fields.matchAll(/(\(?)`([^`]+)`/g)].map(([, bracket, name = '']) => ({ name, bracket }));
      const undocumented = [...names].filter((name) => !listed.some((field) => field.name === name));
      const unlogged = listed.filter(({ name, bracket }) => !names.has(name) && bracket === '' && !spreads);
      return [
        ...undocumented.map((name) => `${event}: ${name}`),
        ...unlogged.map(({ name }) => `${event}: no ${name}`),
      ];
    });
    expect(wrong).toEqual([]);
  });
});
