/**
 * A name for a message: in double quotes, with control and other invisible characters escaped, so that nothing that
 * came from elsewhere reaches a terminal raw.
 */
export function quoted(name: string): string {
  return JSON.stringify(name).replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
