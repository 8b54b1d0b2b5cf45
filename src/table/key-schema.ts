import { TtlArchiveError } from '../errors.js';
import { quoted } from '../lib/escape.js';
import type { KeyAttribute } from '../ports/index.js';

/** DynamoDB's limit for the name of a key attribute, in bytes of UTF-8. */
const MAX_NAME_BYTES = 255;

/**
 * Parses `PK`, `PK:S` or `PK:S,SK:N`: the hash key, then optionally the range key; the default type is S. Throws USAGE.
 */
export function parseKeySchema(text: string): KeyAttribute[] {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.length > 2) throw invalid(text, 'has more than two attributes');
  const [hash, range] = parts.map((part) => parseAttribute(part, text));
  if (hash === undefined) throw invalid(text, 'has no attribute');
  if (range === undefined) return [{ ...hash, keyType: 'HASH' }];
  if (range.name === hash.name) throw invalid(text, 'names the same attribute twice');
  return [
    { ...hash, keyType: 'HASH' },
    { ...range, keyType: 'RANGE' },
  ];
}

/** The inverse of parseKeySchema: `PK:S,SK:N`. */
export function formatKeySchema(keySchema: readonly KeyAttribute[]): string {
  return keySchema.map(({ name, type }) => `${name}:${type}`).join(',');
}

function parseAttribute(part: string, text: string): Pick<KeyAttribute, 'name' | 'type'> {
  // The last colon: an attribute's name may contain colons.
  const colon = part.lastIndexOf(':');
  const name = colon === -1 ? part : part.slice(0, colon);
  const type = colon === -1 ? 'S' : part.slice(colon + 1);
  if (name === '') throw invalid(text, 'has an attribute without a name');
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) throw invalid(text, `has a name longer than ${MAX_NAME_BYTES} bytes`);
  if (type !== 'S' && type !== 'N' && type !== 'B') throw invalid(text, 'has a type other than S, N and B');
  return { name, type };
}

function invalid(text: string, why: string): TtlArchiveError {
  return new TtlArchiveError('USAGE', `The key schema ${quoted(text)} ${why}.`, {
    remedy: 'Write the hash key and, if there is one, the range key, each with its type, as in PK:S or PK:S,SK:N.',
  });
}
