import { basename, dirname, resolve } from 'node:path';
import { nodeDisk } from '../disk/node-disk.js';
import { type UnreadableFolder, walkFolder } from '../disk/walk-folder.js';
import { TtlArchiveError } from '../errors.js';
import { quoted } from '../lib/escape.js';

/** The longest part of a glob in front of its first wildcard. */
const FIXED_PART = /^[^*?[]*(?=\/)/;

/**
 * Absolute paths of the files that were named, in their order. A name with wildcards (`*`, `?`, `[…]`, `**`) that no shell has
 * expanded is expanded here; a folder that cannot be listed is passed over. Throws USAGE for a name that nothing has.
 */
export async function namedFiles(
  names: readonly string[],
  cwd: string,
  onUnreadable?: (unreadable: UnreadableFolder) => void,
): Promise<string[]> {
  const paths: string[] = [];
  for (const name of names) {
    const path = resolve(cwd, name);
    if (await isFile(path)) paths.push(path);
    else if (/[*?[]/.test(name)) paths.push(...(await expand(path, name, onUnreadable)));
    else throw nothing(name, (await isFolder(path)) ? 'Not a file:' : 'There is no file');
  }
  return [...new Set(paths)];
}

async function isFile(path: string): Promise<boolean> {
  const siblings = await nodeDisk.list(dirname(path));
  return siblings?.includes(basename(path)) === true;
}

async function isFolder(path: string): Promise<boolean> {
  return (await nodeDisk.list(dirname(path)))?.includes(`${basename(path)}/`) === true;
}

async function expand(
  pattern: string,
  name: string,
  onUnreadable: ((unreadable: UnreadableFolder) => void) | undefined,
): Promise<string[]> {
  const [folder = '/'] = FIXED_PART.exec(pattern) ?? [];
  const matches = globExpression(pattern);
  const paths: string[] = [];
  // As a shell does it: hidden names are for patterns that begin with a dot.
  const hidden = basename(pattern).startsWith('.');
  for await (const file of walkFolder(folder, onUnreadable)) {
    const path = `${folder === '/' ? '' : folder}/${file}`;
    if (matches.test(path) && (hidden || !basename(file).startsWith('.'))) paths.push(path);
  }
  if (paths.length === 0) throw nothing(name, 'No file matches');
  return paths.toSorted();
}

/** `**` stands for any folders, `*` and `?` for characters of one name, `[…]` for one of these (`[!…]`: none of them). */
function globExpression(pattern: string): RegExp {
  const parts = pattern.split(/(\*\*\/|\*\*|\*|\?|\[!?[^\]/]+\])/);
  const source = parts.map((part) => {
    if (part === '**/') return '(?:[^/]+/)*';
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    if (part === '?') return '[^/]';
    if (part.startsWith('[') && part.endsWith(']')) return part.replace(/^\[!/, '[^').replaceAll('\\', '\\\\');
    return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  try {
    return new RegExp(`^${source.join('')}$`);
  } catch (cause) {
    throw new TtlArchiveError('USAGE', `The glob ${quoted(pattern)} has a range that ends before it begins.`, {
      remedy: 'Write a range like [a-z], or name the files.',
      cause,
    });
  }
}

function nothing(name: string, what: string): TtlArchiveError {
  return new TtlArchiveError('USAGE', `${what} ${quoted(name)}.`, {
    remedy: 'Name files with archived items, a glob, "-" for stdin, or nothing for the whole archive of --out.',
  });
}
