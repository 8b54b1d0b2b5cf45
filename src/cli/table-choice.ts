import { InvalidArgumentError } from 'commander';
import type { TableTag } from '../watch/tables-options.js';

/** Parses patterns of table names, separated by commas. Throws commander's InvalidArgumentError. */
export function parsePatterns(text: string): string[] {
  const patterns = text.split(',').map((pattern) => pattern.trim());
  if (patterns.every((pattern) => /^[\w.*?-]+$/.test(pattern))) return patterns;
  throw new InvalidArgumentError('Give a pattern of table names like prod-*, in quotes.');
}

/** Parses `key=value`. Throws commander's InvalidArgumentError. */
export function parseTag(text: string): TableTag {
  const at = text.indexOf('=');
  if (at > 0) return { key: text.slice(0, at), value: text.slice(at + 1) };
  throw new InvalidArgumentError('Give a tag like archive=yes.');
}
