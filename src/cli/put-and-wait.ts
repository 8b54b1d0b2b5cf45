import { escapeJson, toJsonLine } from '../lib/escape.js';
import { formatDuration } from '../lib/format-duration.js';
import { systemClock } from '../lib/system-clock.js';
import { putAndWait } from '../table/put-and-wait.js';
import type { ConnectionOptions } from './command.js';
import { withConnection } from './connect.js';
import { type Field, fieldLine } from './field-line.js';
import type { Io } from './io.js';
import { createLog } from './logging.js';
import { counted, formatCount } from './numbers.js';
import { createLiveLine } from './status-line.js';

export interface PutAndWaitCommandOptions extends ConnectionOptions {
  readonly count: number;
  /** Milliseconds, as `timeout` and `interval`. */
  readonly ttl: number;
  readonly timeout?: number;
  readonly interval: number;
  readonly json?: boolean;
}

/** Runs `put-and-wait`. */
export async function runPutAndWait(options: PutAndWaitCommandOptions, realIo: Io): Promise<void> {
  const liveLine = createLiveLine(realIo);
  const { io } = liveLine;
  const log = createLog(options, io);
  const { count, ttl: lifetime, timeout, interval: intervalMs, json = false } = options;
  const print = (facts: object, text: string) => io.stdout.write(json ? toJsonLine(facts) : `${escapeJson(text)}\n`);
  await withConnection({ options, io, log, setUp: true }, async (connected) => {
    const waiting = { count, put: 0, gone: 0, lastTtl: 0 };
    liveLine.start((columns) => fieldLine(waitingFields(waiting, systemClock.now()), columns));
    await putAndWait(
      {
        ...connected,
        onPut: ({ key, ttl }) => {
          waiting.put++;
          waiting.lastTtl = Math.max(waiting.lastTtl, ttl);
          const time = new Date(ttl * 1000).toISOString().slice(0, 19);
          print({ event: 'put', Keys: key, ttl }, `put   ${JSON.stringify(key)}, expires at ${time}Z`);
        },
        onGone: ({ key, ttl, goneAfterMs }) => {
          waiting.gone++;
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
    ).finally(() => liveLine.stop());
  });
}

interface Waiting {
  /** Items in all, put so far, gone so far. */
  readonly count: number;
  readonly put: number;
  readonly gone: number;
  /** The latest expiry time: epoch seconds. */
  readonly lastTtl: number;
}

/** The live line. When TTL will delete an expired item is not known. */
function waitingFields({ count, put, gone, lastTtl }: Waiting, now: number): Field[] {
  if (put < count) return [{ text: `${formatCount(put)} of ${counted(count, 'item')} put`, rank: 0 }];
  const untilExpiry = lastTtl * 1000 - now;
  const whole = formatDuration(Math.floor(Math.abs(untilExpiry) / 1000) * 1000);
  return [
    { text: `${formatCount(gone)} of ${counted(count, 'item')} gone`, rank: 0 },
    { text: untilExpiry > 0 ? `expires in ${whole}` : `expired ${whole} ago, waiting for TTL`, rank: 1 },
  ];
}
