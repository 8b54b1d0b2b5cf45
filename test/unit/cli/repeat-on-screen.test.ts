import { describe, expect, it } from 'vitest';
import type { Output } from '../../../src/cli/io.js';
import { repeatOnScreen } from '../../../src/cli/repeat-on-screen.js';
import type { Terminal, TerminalUser } from '../../../src/cli/terminal.js';
import { fakeIo } from '../../support/fake-io.js';
import { createScreen } from '../../support/screen.js';
import { simulatedClock } from '../../support/simulated-clock.js';

const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';

function repeating(
  stdout: Partial<Output>,
  text: (time: number) => string,
  { append = false, term = 'xterm', terminal }: { append?: boolean; term?: string; terminal?: Terminal } = {},
) {
  const stopping = new AbortController();
  const signal = stopping.signal;
  const io = fakeIo({ stdout, env: { TERM: term }, signal, ...(terminal !== undefined && { terminal }) });
  const clock = simulatedClock();
  let times = 0;
  const done = repeatOnScreen({ io, clock }, { interval: 2000, append }, async () => text(++times));
  done.catch(() => undefined); // It is awaited later.
  return { io, clock, done, stop: () => stopping.abort() };
}

describe('repeatOnScreen', () => {
  it('shows each text in the place of the one before, and restores the screen when it is stopped', async () => {
    const { io, clock, done, stop } = repeating(
      { isTTY: true, columns: 10, rows: 5 },
      (time) => `time ${time}\n0123456789abc\n`,
    );
    await clock.advance(2000);
    expect(io.out()).toBe(
      `${ENTER}\u001b[Htime 1\u001b[K\n012345678\u001b[K\n\u001b[J\u001b[Htime 2\u001b[K\n012345678\u001b[K\n\u001b[J`,
    );
    stop();
    await done;
    expect(io.out().endsWith(LEAVE)).toBe(true);
  });

  it('restores the screen when a later text cannot be made, and leaves it alone when the first one cannot', async () => {
    const fail = (): never => {
      throw new Error('gone');
    };
    const later = repeating({ isTTY: true }, (time) => (time === 2 ? fail() : 'x\n'));
    await later.clock.advance(2000);
    await expect(later.done).rejects.toThrow('gone');
    expect(later.io.out().endsWith(LEAVE)).toBe(true);
    const first = repeating({ isTTY: true }, fail);
    await expect(first.done).rejects.toThrow('gone');
    expect(first.io.out()).toBe('');
  });

  it('gives the screen back while the process is suspended or in the background, and at a crash', async () => {
    const shared: TerminalUser[] = [];
    const state = { isBehind: false };
    const terminal = {
      isInBackground: () => state.isBehind,
      share: (user: TerminalUser) => {
        shared.push(user);
        return () => undefined;
      },
    };
    const screen = createScreen(80, 5);
    screen.write('$ status --watch\n');
    const { clock, done, stop } = repeating(screen, (time) => `time ${time}\n`, { terminal });
    await clock.advance(2000);
    expect(await screen.lines()).toEqual(['time 2']);
    for (const { leave } of shared) leave();
    expect(await screen.lines()).toEqual(['$ status --watch']);
    state.isBehind = true;
    await clock.advance(2000);
    expect(await screen.lines()).toEqual(['$ status --watch']);
    state.isBehind = false;
    for (const { redraw } of shared) redraw();
    expect(await screen.lines()).toEqual(['time 3']);
    stop();
    await done;
    expect(await screen.lines()).toEqual(['$ status --watch']);
  });

  it('counts the lines that do not fit', async () => {
    const { io, clock, stop } = repeating({ isTTY: true, columns: 80, rows: 4 }, () => 'a\nb\nc\nd\ne\n');
    await clock.advance(0);
    stop();
    expect(io.out()).toContain('\u001b[Ha\u001b[K\nb\u001b[K\n… and 3 more lines\u001b[K\n\u001b[J');
  });

  it('fills a screen exactly without a line about more', async () => {
    const { io, clock, stop } = repeating({ isTTY: true, columns: 80, rows: 4 }, () => 'a\nb\nc\n');
    await clock.advance(0);
    stop();
    expect(io.out()).not.toContain('more');
  });

  it.each([
    ['no terminal', {}, {}],
    ['asked to append', { isTTY: true }, { append: true }],
    ['a dumb terminal', { isTTY: true }, { term: 'dumb' }],
  ])('writes one text after the other, without escape sequences: %s', async (_, stdout, options) => {
    const { io, clock, done, stop } = repeating(stdout, (time) => `${time}\n`, options);
    await clock.advance(4000);
    stop();
    await done;
    expect(io.out()).toBe('1\n2\n3\n');
  });
});
