import { escapeJson, toJsonLine } from '../lib/escape.js';
import { formatDuration } from '../lib/format-duration.js';
import { putAndWait } from '../table/put-and-wait.js';
import type { ConnectionOptions } from './command.js';
import { withConnection } from './connect.js';
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
  const { count, ttl: lifetime, timeout, interval: intervalMs, json = false } = options;
  const print = (facts: object, text: string) => io.stdout.write(json ? toJsonLine(facts) : `${escapeJson(text)}\n`);
  await withConnection({ options, io, log, setUp: true }, async (connected) => {
    await putAndWait(
      {
        ...connected,
        onPut: ({ key, ttl }) => {
          const time = new Date(ttl * 1000).toISOString().slice(0, 19);
          print({ event: 'put', Keys: key, ttl }, `put   ${JSON.stringify(key)}, expires at ${time}Z`);
        },
        onGone: ({ key, ttl, goneAfterMs }) => {
          const facts = { event: 'gone', Keys: key, ttl, goneAfterMs: Math.round(goneAfterMs) };
          print(facts, `gone  ${JSON.stringify(key)} after ${formatDuration(goneAfterMs)}`);
        },
        onPoll: (progress) => log.debug({ event: 'put-and-wait.polled', ...progress }, 'polled the items'),
      },
      {
        table: connected.table,
        count,
        ttlSeconds: lifetime / 1000,
        intervalMs,
        ...(timeout !== undefined && { timeoutMs: timeout }),
      },
    );
  });
}
