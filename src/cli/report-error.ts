import { errorKindOf, exitStatusOf, TtlArchiveError } from '../errors.js';
import { escapeText, toJsonLine } from '../lib/escape.js';
import type { ConnectionOptions, LogOptions } from './command.js';
import { type Io, Stop } from './io.js';
import { commandLines } from './next-commands.js';
import { terminalWidthOf, wrap } from './wrap.js';

/** 128 + the signal's number, as in a shell. A closed pipe is no failure; output that cannot be written is 7. */
const STOPPED = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143, EPIPE: 0, OUTPUT: 7 } as const;

/** The exit status of a command that the signal ended early. */
export function stoppedStatus(signal: AbortSignal): number {
  return signal.reason instanceof Stop ? STOPPED[signal.reason.why] : STOPPED.SIGINT;
}

/**
 * Prints the error in the format of the log, and returns the exit status. A failure that the signal caused is not printed.
 */
export function reportError(
  error: unknown,
  io: Io,
  options: (LogOptions & Partial<ConnectionOptions>) | undefined,
): number {
  if (isCausedByStop(error, io.signal)) return stoppedStatus(io.signal);
  const { message, remedy } = toSentences(error);
  const next = error instanceof TtlArchiveError ? commandLines(error.commands, options, io.env) : [];
  const status = exitStatusOf(error);
  const stack = options?.logLevel === 'debug' || options?.logLevel === 'trace' ? stacks(error) : undefined;
  if (options !== undefined && writesJson(options, io)) {
    const code = error instanceof TtlArchiveError ? error.code : 'INTERNAL';
    io.stderr.write(
      toJsonLine({
        level: 'fatal',
        time: new Date().toISOString(),
        event: 'command.failed',
        code,
        status,
        msg: message,
        remedy,
        ...(next.length > 0 && { commands: next }),
        stack,
      }),
    );
    return status;
  }
  // A command stays on one line, so that it can be pasted.
  const columns = terminalWidthOf(io.stderr);
  const lines = [
    ...wrap('', escapeText(`error: ${message}`), 0, columns),
    ...(remedy === undefined ? [] : wrap('', escapeText(remedy), 0, columns)),
    ...next.map((command) => escapeText(`  ${command}`)),
    ...(stack?.split('\n').map((line) => `    ${escapeText(line)}`) ?? []),
  ];
  io.stderr.write(`${lines.join('\n')}\n`);
  return status;
}

/** Whether stderr carries JSON lines: with `--log-format json`, and by default when it is no terminal. */
export function writesJson(options: LogOptions, io: Io): boolean {
  return (options.logFormat ?? (io.stderr.isTTY === true ? 'pretty' : 'json')) === 'json';
}

function isCausedByStop(error: unknown, signal: AbortSignal): boolean {
  if (!signal.aborted) return false;
  return (
    error === signal.reason || (error instanceof Error && error.name === 'AbortError') || errorKindOf(error) === 'retry'
  );
}

function toSentences(error: unknown): { message: string; remedy: string | undefined } {
  if (error instanceof TtlArchiveError) return { message: error.message, remedy: error.remedy };
  return {
    message: `Unexpected error: ${error instanceof Error ? error.message : String(error)}`,
    remedy: 'This is a bug: run the command again with --log-level debug and report what it prints.',
  };
}

function stacks(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? error.message;
  return error.cause === undefined ? own : `${own}\ncaused by: ${stacks(error.cause)}`;
}
