import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const files = (folder: string, ending: RegExp): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => ending.test(name))
    .map((name) => join(folder, name));

const DOCUMENTS = [
  ...readdirSync('.').filter((name) => name.endsWith('.md')),
  ...['docs', 'test'].flatMap((folder) => files(folder, /\.md$/)),
];
const SOURCES = ['src', 'test', 'scripts'].flatMap((folder) => files(folder, /\.(?:ts|mjs|py)$/));

describe('the documents', () => {
  it.each(DOCUMENTS)('name only what is in the repository: %s', (document) => {
    const text = readFileSync(document, 'utf8');
    const links = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, link = '']) => link);
    const paths = [...text.matchAll(/`((?:src|test|docs|scripts|\.ci)\/[^`\s]*)`/g)].map(([, path = '']) => path);
    const missing = [
      ...links.filter((link) => !/^[a-z]+:/.test(link) && !existsSync(join(dirname(document), link))),
      ...paths.filter((path) => !isThere(path)),
    ];
    expect(missing).toEqual([]);
  });
});

describe('the comments', () => {
  it('cite no document that is not in the repository', () => {
    const there = new Set(DOCUMENTS.map((document) => document.slice(document.lastIndexOf('/') + 1)));
    const cited = SOURCES.flatMap((source) =>
      [...readFileSync(source, 'utf8').matchAll(/\b([\w-]+\.md)\b/g)]
        .filter(([, name = '']) => !there.has(name))
        .map(([, name]) => `${source}: ${name}`),
    );
    expect(cited).toEqual([]);
  });
});

/** A path that may have `*` or `…` for a part of a name; `docs/decisions/0006` stands for the file that begins so. */
function isThere(path: string): boolean {
  if (existsSync(path)) return true;
  const [before = ''] = path.split(/[*…<]/);
  const folder = before.slice(0, before.lastIndexOf('/'));
  const start = before.slice(folder.length + 1);
  const isPattern = before !== path || /\/\d{4}$/.test(path);
  return isPattern && existsSync(folder) && readdirSync(folder).some((name) => name.startsWith(start));
}
