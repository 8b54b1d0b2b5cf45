import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { processTerminal } from '../../../src/cli/terminal.js';

/** A process that notes what the listener of Ctrl-Z does with it. */
function fakeProcess() {
  const steps: string[] = [];
  const process = new (class extends EventEmitter {
    readonly pid = 42;
    kill(pid: number, signal: string) {
      steps.push(`kill ${pid} ${signal} with ${this.listenerCount('SIGTSTP')} listeners`);
    }
  })();
  const user = { leave: () => void steps.push('leave'), redraw: () => void steps.push('redraw') };
  return { process, steps, user };
}

describe('processTerminal', () => {
  it('clears the terminal on Ctrl-Z, then stops the process by the default of the signal, each time', () => {
    const { process, steps, user } = fakeProcess();
    processTerminal(process, () => '').share(user);
    for (let time = 0; time < 2; time++) {
      process.emit('SIGTSTP');
      process.emit('SIGCONT');
    }
    const once = ['leave', 'kill 42 SIGTSTP with 0 listeners', 'redraw'];
    expect(steps).toEqual([...once, ...once]);
  });

  it.each([
    ['exit', 'leave'],
    ['uncaughtExceptionMonitor', 'leave'],
    ['SIGWINCH', 'redraw'],
  ])('reacts to %s', (event, step) => {
    const { process, steps, user } = fakeProcess();
    processTerminal(process, () => '').share(user);
    process.emit(event);
    expect(steps).toEqual([step]);
  });

  it('leaves no listener behind', () => {
    const { process, user } = fakeProcess();
    const release = processTerminal(process, () => '').share(user);
    process.emit('SIGTSTP');
    release();
    expect(process.eventNames()).toEqual([]);
  });

  it.each([
    ['in the foreground', '7 (node) S 1 7 1 34816 7 4194304', false],
    ['behind a shell', '7 (node) S 1 7 1 34816 1 4194304', true],
    ['with a name that looks like fields', '7 (a) S 1 2 3 4) R 1 7 1 34816 7 4194304', false],
    ['without a terminal', '7 (node) S 1 7 1 0 -1 4194304', false],
    ['without /proc', '', false],
  ])('knows a process %s', (_, stat, isInBackground) => {
    expect(processTerminal(fakeProcess().process, () => stat).isInBackground()).toBe(isInBackground);
  });
});
