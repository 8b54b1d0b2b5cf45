import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shellWord } from '../../../src/lib/shell-word.js';

/** How bash reads the word. */
const asBashReads = (words: readonly string[]) =>
  execFileSync('bash', ['-c', `printf '%s\\0' ${words.map(shellWord).join(' ')}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);

describe('shellWord', () => {
  it.each(['Orders', 'a.b-c_d', 'http://localhost:8000', 'PK:S,SK:N'])('leaves %s unchanged', (word) => {
    expect(shellWord(word)).toBe(word);
  });

  it('is one word to a shell, whatever the text, and holds nothing that acts on a terminal', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((value) => !value.includes('\0'));
    const odd = ["it's", '$(rm -rf /)', '`x`', '"', '\\', 'a\nb', '\u001b[31m', '\u202eabc', '!x', '~', '-n', 'é', "'"];
    const seed = Math.floor(Math.random() * 2 ** 31);
    const words = [...odd, ...fc.sample(text, { numRuns: 1000, seed })];
    expect(asBashReads(words), `seed ${seed}`).toEqual(words);
    // oxlint-disable-next-line no-control-regex -- the test looks for them
    expect(odd.map(shellWord).join('')).not.toMatch(/[\u0000-\u001f\u202e]/);
  });
});
