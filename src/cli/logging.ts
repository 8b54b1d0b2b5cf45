import { pino } from 'pino';
import { escapeJson } from '../lib/escape.js';
import type { Log } from '../ports/index.js';
import type { LogOptions } from './command.js';
import type { Io } from './io.js';
import { prettyLine } from './pretty-line.js';
import { writesJson } from './report-error.js';

/**
 * pino on stderr: pretty on a terminal, JSON lines otherwise. Each line is written before the call returns, so that none
 * is lost at the exit; control characters are escaped.
 */
export function createLog(options: LogOptions, io: Io): Log {
  const isJson = writesJson(options, io);
  // https://no-color.org
  const hasColor = options.color && !io.env['NO_COLOR'] && io.env['TERM'] !== 'dumb' && io.stderr.isTTY === true;
  const look = () => ({
    hasColor,
    columns: io.stderr.isTTY === true ? io.stderr.columns || 80 : Number.POSITIVE_INFINITY,
  });
  const render = (line: string) => (isJson ? `${escapeJson(line.trimEnd())}\n` : prettyLine(line, look()));
  return pino(
    {
      level: options.logLevel,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    { write: (line) => io.stderr.write(render(line)) },
  );
}
