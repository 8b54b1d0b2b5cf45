import { type DestinationStream, pino } from 'pino';
import { escapeJson } from '../lib/escape.js';
import type { Log } from '../ports/index.js';
import type { LogOptions } from './command.js';
import type { Io } from './io.js';
import { prettyLine } from './pretty-line.js';
import { writesJson } from './report-error.js';

/**
 * pino on stderr: for people on a terminal, JSON lines otherwise. Each line is written before the call returns, so that
 * nothing is lost at the exit; nothing in it can act on a terminal.
 */
export function createLog(options: LogOptions, io: Io): Log {
  const destination = writesJson(options, io) ? jsonLines(io) : prettyLines(options, io);
  const log: Log = pino(
    {
      level: options.logLevel,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    destination,
  );
  return log;
}

function jsonLines(io: Io): DestinationStream {
  return {
    write(line) {
      io.stderr.write(`${escapeJson(line.trimEnd())}\n`);
    },
  };
}

function prettyLines(options: LogOptions, io: Io): DestinationStream {
  const hasColor = usesColor(options, io);
  return { write: (line) => io.stderr.write(prettyLine(line, hasColor)) };
}

/** Whether colours go to stderr: a terminal, and neither `--no-color` nor NO_COLOR (https://no-color.org). */
function usesColor(options: LogOptions, io: Io): boolean {
  return options.color && !io.env['NO_COLOR'] && io.env['TERM'] !== 'dumb' && io.stderr.isTTY === true;
}
