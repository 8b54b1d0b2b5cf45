import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { ask } from '../../../src/cli/ask.js';

/** Asks on a terminal where somebody presses these keys. */
async function pressing(keys: string, signal = new AbortController().signal) {
  const input = new PassThrough();
  const output = new PassThrough();
  const answer = ask('Delete? ', { input, output, signal });
  input.write(keys);
  const given = await answer;
  return { given, shown: String(output.read()) };
}

describe('ask', () => {
  it('resolves with the answer', async () => {
    const { given, shown } = await pressing('yes\r');
    expect(given).toBe('yes');
    expect(shown).toContain('Delete? ');
  });

  it.each([
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
    ['Ctrl-C after some letters', 'ye\u0003'],
  ])('takes %s for no answer, and ends the line', async (_, keys) => {
    const { given, shown } = await pressing(keys);
    expect(given).toBe('');
    expect(shown.endsWith('\n')).toBe(true);
  });

  it('ends when the signal aborts', async () => {
    const stop = new AbortController();
    const asked = pressing('', stop.signal);
    stop.abort();
    expect((await asked).given).toBe('');
  });
});
