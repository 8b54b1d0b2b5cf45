/** An item nests at most 32 levels, each two of JSON; nothing that ttl-archive writes is deeper. */
const MAX_DEPTH = 200;
/** A value takes a few bytes as text and some 30 in memory, so hostile text could fill the memory. */
const MAX_VALUES = 2_000_000;
/** Shorter texts cannot hold that many. */
const LONG = 1 << 20;

export type ParsedJson = { readonly value: unknown } | { readonly problem: string };

/** Parses untrusted text, or says why it cannot be parsed. Never throws. */
export function parseJson(text: string): ParsedJson {
  // Each value but the first follows one of these. (Those inside strings count too.)
  if (text.length > LONG && countsMoreThan(MAX_VALUES, text, '[{,')) return { problem: 'it holds too many values' };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { problem: error instanceof SyntaxError ? 'it is not valid JSON' : 'it is nested too deeply' };
  }
  // Callers recurse into the value. Most texts have too few brackets to be deep.
  const isDeep = countsMoreThan(MAX_DEPTH, text, '[{') && !isShallow(value, MAX_DEPTH);
  return isDeep ? { problem: 'it is nested too deeply' } : { value };
}

function countsMoreThan(limit: number, text: string, characters: string): boolean {
  let count = 0;
  for (const character of characters) {
    for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) {
      if (++count > limit) return true;
    }
  }
  return false;
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (levels === 0) return false;
  const values: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  return values.every((inner) => isShallow(inner, levels - 1));
}
