// The text of docs/api.md: every export of the library with its documentation, cut from the declarations in dist. tsc
// writes each one from its first column on. Not typedoc: it needs an older TypeScript beside this one's.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ENTRY = 'dist/index.d.ts';
const HEAD = `# The library's exports

Generated from the sources by \`npm run docs\`; [library.md](library.md) explains how to use them.
`;

/** The document, and what is wrong with the exports. */
export function apiReference() {
  const exported = exportsOf(readFileSync(ENTRY, 'utf8'));
  const found = exported.map(({ name, file }) => ({ name, ...declarationIn(file, name) }));
  const names = new Set(exported.map(({ name }) => name));
  const problems = found.flatMap(({ name, code, file }) =>
    usedIn(code)
      .filter((used) => !names.has(used) && isDeclaredIn(file, used))
      .map((used) => `src/index.ts exports ${name}, and not ${used}, which it uses`),
  );
  const isCode = ({ code }) => /^export (?:declare )?(?:async )?(?:function|class|const)/.test(code);
  const section = ({ name, text }) => `\n### ${name}\n\n\`\`\`ts\n${text}\n\`\`\`\n`;
  const all = [
    HEAD,
    '\n## Functions and classes\n',
    ...found.filter(isCode).map(section),
    '\n## Types\n',
    ...found.filter((each) => !isCode(each)).map(section),
  ];
  return { text: all.join(''), problems };
}

/** Names and files of `export { a, type B } from './file.js'`. */
function exportsOf(text) {
  const statements = [...text.matchAll(/export (?:type )?\{([^}]*)\} from '([^']+)\.js';/g)];
  const list = statements.flatMap(([, names, path]) =>
    names.split(',').flatMap((each) => {
      const name = each.trim().replace(/^type /, '');
      return name === '' ? [] : [{ name, file: join('dist', `${path}.d.ts`) }];
    }),
  );
  return list.toSorted((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
}

/** The declaration of a name, with its documentation, in a file or in what that re-exports. */
function declarationIn(file, name) {
  const text = readFileSync(file, 'utf8');
  const start = new RegExp(`^export (?:declare )?(?:interface|type|class|function|const) ${name}\\b`, 'm').exec(text);
  if (start === null) {
    for (const [, path] of text.matchAll(/^export (?:type )?(?:\*|\{[^}]*\}) from '([^']+)\.js';/gm)) {
      const other = declarationIn(join(dirname(file), `${path}.d.ts`), name);
      if (other !== undefined) return other;
    }
    return undefined;
  }
  const lines = text.slice(start.index).split('\n');
  const isOneLine = lines[0].endsWith(';');
  const end = isOneLine ? 0 : lines.findIndex((line, index) => index > 0 && /^\S.*(?:\}|;)$|^\}/.test(line));
  const code = lines.slice(0, end + 1).join('\n');
  const [comment = ''] = /\/\*\*(?:(?!\*\/)[^])*\*\/\n$/.exec(text.slice(0, start.index)) ?? [];
  const shown = code.replace(/^export (?:declare )?/, '').replaceAll('    ', '  ');
  return { file, code, text: comment + shown };
}

/** Names of types in a declaration, without its comments. */
function usedIn(code) {
  return [...new Set(code.replaceAll(/\/\*\*(?:(?!\*\/)[^])*\*\//g, '').match(/\b[A-Z]\w+/g) ?? [])];
}

/** True when the file declares or imports that type from this library. */
function isDeclaredIn(file, name) {
  const text = readFileSync(file, 'utf8');
  const isOwn = new RegExp(`^(?:export )?(?:declare )?(?:interface|type|class) ${name}\\b`, 'm').test(text);
  const imports = [...text.matchAll(/^import (?:type )?\{([^}]*)\} from '\.[^']*';/gm)];
  return isOwn || imports.some(([, names]) => names.split(',').some((each) => each.trim().endsWith(name)));
}
