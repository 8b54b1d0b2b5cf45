import { type DestinationStream, pino } from 'pino';
import { escapeJson, escapeText } from '../lib/escape.js';
import type { Log } from '../ports/index.js';
import type { LogOptions } from './command.js';
import type { Io } from './io.js';
import { writesJson } from './report-error.js';

/**
 * pino on stderr: for people on a terminal, JSON lines otherwise. Each line is written before the call returns, so that
 * nothing is lost at the exit; nothing in it can act on a terminal.
 */
export async function createLog(options: LogOptions, io: Io): Promise<Log> {
  const destination = writesJson(options, io) ? jsonLines(io) : await prettyLines(options, io);
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

async function prettyLines(options: LogOptions, io: Io): Promise<DestinationStream> {
  const { prettyFactory } = await import('pino-pretty');
  const format = prettyFactory({
    colorize: usesColor(options, io),
    translateTime: 'SYS:HH:MM:ss',
    singleLine: true,
    // For programs; the sentence says it to people.
    ignore: 'event',
  });
  return {
    write(line) {
      io.stderr.write(format(JSON.parse(line, escapeStrings)));
    },
  };
}

/** Whether colours go to stderr: a terminal, and neither `--no-color` nor NO_COLOR (https://no-color.org). */
function usesColor(options: LogOptions, io: Io): boolean {
  return options.color && !io.env['NO_COLOR'] && io.env['TERM'] !== 'dumb' && io.stderr.isTTY === true;
}

/** A stack keeps its lines; any other text becomes one. */
function escapeStrings(key: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return key === 'stack' ? value.split('\n').map(escapeText).join('\n') : escapeText(value);
}
