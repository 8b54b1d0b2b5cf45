import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLiveLine, StatusLine } from '../../../src/cli/status-line.js';
import type { TerminalUser } from '../../../src/cli/terminal.js';
import { fakeIo } from '../../support/fake-io.js';
import { createScreen } from '../../support/screen.js';

describe('StatusLine', () => {
  it('leaves the last column free when the text is too long', async () => {
    const screen = createScreen(10);
    new StatusLine(screen).show('0123456789abc');
    expect(await screen.lines()).toEqual(['012345678']);
  });

  it.each([
    ['Chinese', '归档归档归档', ['归档归档']],
    ['emoji', '📦📦📦📦📦📦', ['📦📦📦📦']],
    ['combining accents', 'e\u0301e\u0301e\u0301e\u0301e\u0301', ['e\u0301e\u0301e\u0301e\u0301e\u0301']],
  ])('counts columns, not characters, of %s', async (_, text, rows) => {
    const screen = createScreen(10);
    new StatusLine(screen).show(text);
    expect(await screen.lines()).toEqual(rows);
  });

  it('stays below what is written above it, and leaves nothing of itself behind', async () => {
    const screen = createScreen();
    const line = new StatusLine(screen);
    line.show('a long text of the first moment');
    line.writeAbove(screen, 'one\n');
    line.show('short');
    line.writeAbove(screen, 'two\nthree\n');
    expect(await screen.lines()).toEqual(['one', 'two', 'three', 'short']);
    line.show('');
    expect(await screen.lines()).toEqual(['one', 'two', 'three']);
    expect(await screen.cursor()).toEqual({ column: 0, row: 3 });
  });

  it('waits for the end of a line that is written in pieces', async () => {
    const screen = createScreen();
    const line = new StatusLine(screen);
    line.show('busy');
    line.writeAbove(screen, '{"a":');
    line.show('busier');
    line.writeAbove(screen, '1');
    expect(await screen.lines()).toEqual(['{"a":1']);
    line.writeAbove(screen, '}\n');
    expect(await screen.lines()).toEqual(['{"a":1}', 'busier']);
  });

  it('does not draw again in the middle of a line after it was cleared', async () => {
    const screen = createScreen();
    const line = new StatusLine(screen);
    line.show('busy');
    line.writeAbove(screen, 'a');
    line.show('');
    line.writeAbove(screen, 'b\n');
    expect(await screen.lines()).toEqual(['ab']);
  });

  it('leaves the cursor before its text, so that a terminal that gets narrower wraps all of it below the cursor', async () => {
    const screen = createScreen(80);
    const line = new StatusLine(screen);
    line.show('x'.repeat(79));
    expect(await screen.cursor()).toEqual({ column: 0, row: 0 });
    await screen.resize(30);
    // xterm does not wrap the cursor's own line again; other terminals show this.
    screen.write(`${'x'.repeat(30)}\n${'x'.repeat(30)}\n${'x'.repeat(19)}\u001b[2A\r`);
    line.writeAbove(screen, 'more\n');
    line.show('y'.repeat(79));
    expect(await screen.lines()).toEqual(['more', 'y'.repeat(29)]);
  });

  it('does not wrap when the terminal became narrower a moment ago', async () => {
    const screen = createScreen(30);
    const line = new StatusLine({ write: (text) => screen.write(text), columns: 80 });
    line.show('x'.repeat(79));
    line.show('');
    expect(await screen.lines()).toEqual([]);
    screen.write('z'.repeat(31));
    expect(await screen.lines()).toEqual(['z'.repeat(30), 'z']);
  });

  it('writes nothing when nothing changed, or nothing was shown', () => {
    const written: string[] = [];
    const line = new StatusLine({ write: (text) => written.push(text) });
    line.show('');
    line.show('busy');
    line.show('busy');
    line.show('');
    line.show('');
    expect(written).toHaveLength(2);
  });
});

describe('createLiveLine', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** A live line on a screen, and what the process tells it of the terminal. */
  function liveLine(env: Record<string, string> = {}) {
    const screen = createScreen();
    const terminal = { isBehind: false, users: new Set<TerminalUser>() };
    const io = fakeIo({
      stderr: screen,
      env,
      terminal: {
        isInBackground: () => terminal.isBehind,
        share(user) {
          terminal.users.add(user);
          return () => terminal.users.delete(user);
        },
      },
    });
    return { screen, terminal, io, line: createLiveLine(io) };
  }

  it.each([
    ['stderr is no terminal', {}, { isTTY: false }],
    ['the terminal can only print', { TERM: 'dumb' }, { isTTY: true, columns: 80 }],
  ])('draws nothing when %s', (_, env, stderr) => {
    const io = fakeIo({ env, stderr });
    const line = createLiveLine(io);
    line.start(() => 'busy');
    vi.advanceTimersByTime(1000);
    line.io.stdout.write('data\n');
    line.stop();
    expect([io.out(), io.err()]).toEqual(['data\n', '']);
  });

  it('redraws four times a second, until it is stopped', async () => {
    const { line, screen } = liveLine();
    let count = 0;
    line.start(() => `${++count}`);
    expect(await screen.lines()).toEqual([]);
    vi.advanceTimersByTime(1000);
    expect(await screen.lines()).toEqual(['4']);
    line.stop();
    vi.advanceTimersByTime(1000);
    expect([await screen.lines(), count]).toEqual([[], 4]);
  });

  it('writes no escapes into a redirected stdout', async () => {
    const { line, io, screen } = liveLine();
    line.start(() => 'busy');
    vi.advanceTimersByTime(250);
    line.io.stdout.write('data\n');
    line.io.stderr.write('log\n');
    expect(io.out()).toBe('data\n');
    expect(await screen.lines()).toEqual(['log', 'busy']);
  });

  it('clears the line before the process ends or is suspended, and draws it when it is resumed', async () => {
    const { line, terminal, screen } = liveLine();
    line.start(() => 'busy');
    vi.advanceTimersByTime(250);
    for (const user of terminal.users) user.leave();
    expect(await screen.lines()).toEqual([]);
    screen.write('[1]+  Stopped\n$ fg\n');
    for (const user of terminal.users) user.redraw();
    expect(await screen.lines()).toEqual(['[1]+  Stopped', '$ fg', 'busy']);
    line.stop();
    expect(terminal.users.size).toBe(0);
  });

  it('draws nothing while another program has the terminal', async () => {
    const { line, terminal, screen } = liveLine();
    terminal.isBehind = true;
    line.start(() => 'busy');
    vi.advanceTimersByTime(250);
    expect(await screen.lines()).toEqual([]);
    terminal.isBehind = false;
    vi.advanceTimersByTime(250);
    expect(await screen.lines()).toEqual(['busy']);
  });
});
