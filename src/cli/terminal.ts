/** Whoever draws on the terminal. */
export interface TerminalUser {
  /** Called before something else is written there: the process ends, crashes, or is suspended. */
  leave(): void;
  /** Called when the process was resumed, and when the terminal has another size. */
  redraw(): void;
}

/** The events of the terminal that a command is started from. */
export interface Terminal {
  /** Tells `user` of them until the returned function is called. */
  share(user: TerminalUser): () => void;
  /** The shell has the terminal at the moment (`command &`). */
  isInBackground(): boolean;
}

/** The members of `process` that are used here. */
export interface TerminalProcess {
  readonly pid: number;
  kill(pid: number, signal: 'SIGTSTP'): unknown;
  on(event: TerminalEvent, listener: () => void): unknown;
  off(event: TerminalEvent, listener: () => void): unknown;
}

type TerminalEvent = 'exit' | 'uncaughtExceptionMonitor' | 'SIGTSTP' | 'SIGCONT' | 'SIGWINCH';

/** The terminal of `process`. `readStat` reads Linux's /proc/self/stat; elsewhere nothing is known to be in the background. */
export function processTerminal(process: TerminalProcess, readStat: () => string): Terminal {
  return {
    share(user) {
      const leave = (): void => user.leave();
      const redraw = (): void => user.redraw();
      // Ctrl-Z. `kill` stops the process as if it had no handler, so that the shell sees why, and returns when it is resumed.
      const suspend = (): void => {
        leave();
        process.off('SIGTSTP', suspend);
        process.kill(process.pid, 'SIGTSTP');
        process.on('SIGTSTP', suspend);
      };
      const listeners: readonly (readonly [TerminalEvent, () => void])[] = [
        ['exit', leave],
        ['uncaughtExceptionMonitor', leave],
        ['SIGTSTP', suspend],
        ['SIGCONT', redraw],
        ['SIGWINCH', redraw],
      ];
      for (const [event, listener] of listeners) process.on(event, listener);
      return () => {
        for (const [event, listener] of listeners) process.off(event, listener);
      };
    },
    isInBackground() {
      // After the command's name: state, parent, process group, session, terminal, the terminal's foreground process group.
      const [, , group, , , foreground] = readStat()
        .replace(/^.*\) /s, '')
        .split(' ');
      return foreground !== undefined && Number(foreground) > 0 && group !== foreground;
    },
  };
}
