import { escapeJson, toJsonLine } from '../lib/escape.js';
import { type GoneItem, type PutItem, putAndWait } from '../table/put-and-wait.js';
import type { ConnectionOptions } from './command.js';
import { withConnection } from './connect.js';
import { formatDuration } from './duration.js';
import type { Io } from './io.js';
import { createLog } from './logging.js';

export interface PutAndWaitCommandOptions extends ConnectionOptions {
  readonly count: number;
  /** Milliseconds, as `timeout` and `interval`. */
  readonly ttl: number;
  readonly timeout?: number;
  readonly interval: number;
  readonly json?: boolean;
}

/** Runs `put-and-wait`. */
export async function runPutAndWait(options: PutAndWaitCommandOptions, io: Io): Promise<void> {
  const log = createLog(options, io);
  const { count, ttl, timeout, interval } = options;
  const report = options.json === true ? reportJson(io) : reportText(io);
  await withConnection({ options, io, log, setUp: true }, async ({ tables, clock, signal, table }) => {
    await putAndWait(
      {
        tables,
        clock,
        signal,
        ...report,
        onPoll: (progress) => log.debug({ event: 'put-and-wait.polled', ...progress }, 'polled the items'),
      },
      {
        table,
        count,
        ttlSeconds: ttl / 1000,
        intervalMs: interval,
        ...(timeout !== undefined && { timeoutMs: timeout }),
      },
    );
  });
}

interface Report {
  onPut(item: PutItem): void;
  onGone(item: GoneItem): void;
}

function reportJson({ stdout }: Io): Report {
  return {
    onPut: ({ key, ttl }) => stdout.write(toJsonLine({ event: 'put', Keys: key, ttl })),
    onGone: ({ key, ttl, goneAfterMs }) =>
      stdout.write(toJsonLine({ event: 'gone', Keys: key, ttl, goneAfterMs: Math.round(goneAfterMs) })),
  };
}

function reportText({ stdout }: Io): Report {
  return {
    onPut: ({ key, ttl }) =>
      stdout.write(`put   ${keyText(key)}, expires at ${new Date(ttl * 1000).toISOString().slice(0, 19)}Z\n`),
    onGone: ({ key, goneAfterMs }) => stdout.write(`gone  ${keyText(key)} after ${formatDuration(goneAfterMs)}\n`),
  };
}

function keyText(key: PutItem['key']): string {
  return escapeJson(JSON.stringify(key));
}
