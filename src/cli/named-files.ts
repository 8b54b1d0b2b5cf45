import { basename, dirname, resolve } from 'node:path';
import { nodeDisk } from '../disk/node-disk.js';
import { type UnreadableFolder, walkFolder } from '../disk/walk-folder.js';
import { TtlArchiveError } from '../errors.js';
import { quoted } from '../lib/escape.js';

/** The folders of a glob before its first wildcard. */
const FIXED_PART = /^[^*?[]*(?=\/)/;
const WILDCARD = /(\*\*\/|\*\*|\*|\?|\[[!^]?[^\]/!^][^\]/]*\])/;

/**
 * Absolute paths of the named files, in the order of the names. Expands names with wildcards (`*`, `?`, `[…]`, `**`) that no
 * shell has expanded, and skips folders that cannot be listed. Throws USAGE for a name without a file.
 */
export async function namedFiles(
  names: readonly string[],
  cwd: string,
  onUnreadable?: (unreadable: UnreadableFolder) => void,
): Promise<string[]> {
  const paths: string[] = [];
  for (const name of names) {
    const path = resolve(cwd, name);
    const siblings = (await nodeDisk.list(dirname(path))) ?? [];
    if (siblings.includes(basename(path))) paths.push(path);
    else if (/[*?[]/.test(name)) paths.push(...(await expand(path, name, onUnreadable)));
    else throw notFound(name, siblings.includes(`${basename(path)}/`) ? 'Not a file:' : 'There is no file');
  }
  return [...new Set(paths)];
}

async function expand(
  pattern: string,
  name: string,
  onUnreadable: ((unreadable: UnreadableFolder) => void) | undefined,
): Promise<string[]> {
  const [folder = '/'] = FIXED_PART.exec(pattern) ?? [];
  const matches = globExpression(pattern);
  const paths: string[] = [];
  // As in a shell: only a pattern that begins with a dot matches hidden files.
  const hidden = basename(pattern).startsWith('.');
  for await (const file of walkFolder(folder, onUnreadable)) {
    const path = `${folder === '/' ? '' : folder}/${file}`;
    if (matches.test(path) && (hidden || !basename(file).startsWith('.'))) paths.push(path);
  }
  if (paths.length === 0) throw notFound(name, 'No file matches');
  return paths.toSorted();
}

/**
 * `**` stands for any folders, `*` and `?` for characters of one name, `[…]` for one of these (`[!…]`: none of them).
 *
 * Not picomatch 4 (nor tinyglobby, which is picomatch and a second walk that also reads hidden folders): it matches nothing
 * for `[z-a]` instead of failing, `x` with `[!x]`, no line break with `**`, and reads the `(1)` of `copy(1).json` as a group.
 */
function globExpression(pattern: string): RegExp {
  const source = pattern.split(WILDCARD).map((part, index) => {
    if (index % 2 === 0) return part.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
    if (part === '**/') return '(?:[^/]+/)*';
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    if (part === '?') return '[^/]';
    return `(?!/)${part.replace(/^\[!/, '[^').replaceAll('\\', '\\\\')}`;
  });
  try {
    return new RegExp(`^${source.join('')}$`, 'su');
  } catch (cause) {
    throw new TtlArchiveError('USAGE', `The glob ${quoted(pattern)} has a range that ends before it begins.`, {
      remedy: 'Write a range like [a-z], or name the files.',
      cause,
    });
  }
}

function notFound(name: string, what: string): TtlArchiveError {
  return new TtlArchiveError('USAGE', `${what} ${quoted(name)}.`, {
    remedy: 'Name files with archived items, a glob, "-" for stdin, or nothing for the whole archive of --out.',
  });
}
