import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLiveLine, StatusLine } from '../../../src/cli/status-line.js';
import { fakeIo } from '../../support/fake-io.js';

const CLEAR = '\r\u001b[2K';

function terminal(columns = 80): { write: (text: string) => void; columns: number; text: () => string } {
  let text = '';
  return {
    columns,
    write: (more) => {
      text += more;
    },
    text: () => text,
  };
}

describe('StatusLine', () => {
  it('leaves the last column free when the text is too long', () => {
    const screen = terminal(10);
    new StatusLine(screen).show('0123456789abc');
    expect(screen.text()).toBe(`${CLEAR}012345678`);
  });

  it('moves below what is written above it', () => {
    const screen = terminal();
    const line = new StatusLine(screen);
    line.show('busy');
    line.around(() => screen.write('a line\n'));
    expect(screen.text()).toBe(`${CLEAR}busy${CLEAR}a line\nbusy`);
  });

  it('writes nothing when nothing changed, or nothing was shown', () => {
    const screen = terminal();
    const line = new StatusLine(screen);
    line.show('');
    line.show('busy');
    line.show('busy');
    line.show('');
    line.show('');
    expect(screen.text()).toBe(`${CLEAR}busy${CLEAR}`);
  });
});

describe('createLiveLine', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('draws nothing when stderr is no terminal', () => {
    const io = fakeIo();
    const line = createLiveLine(io);
    line.start(() => 'busy');
    line.io.stdout.write('data\n');
    line.stop();
    expect([io.out(), io.err()]).toEqual(['data\n', '']);
  });

  it('redraws four times a second what has changed, until it is stopped', () => {
    const io = fakeIo({ stderr: { isTTY: true, columns: 80 } });
    const line = createLiveLine(io);
    let count = 0;
    line.start(() => `${Math.floor(count++ / 2)}`);
    vi.advanceTimersByTime(1000);
    line.stop();
    vi.advanceTimersByTime(1000);
    expect(io.err()).toBe(`${CLEAR}0${CLEAR}1${CLEAR}2${CLEAR}`);
  });

  it('writes no escapes into a redirected stdout', () => {
    const io = fakeIo({ stderr: { isTTY: true, columns: 80 } });
    const line = createLiveLine(io);
    line.start(() => 'busy');
    line.io.stdout.write('data\n');
    line.io.stderr.write('log\n');
    line.stop();
    expect(io.out()).toBe('data\n');
    expect(io.err()).toBe(`${CLEAR}busy${CLEAR}log\nbusy${CLEAR}`);
  });
});
