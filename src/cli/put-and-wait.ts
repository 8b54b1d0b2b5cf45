import { createTablesClient } from '../aws/tables-client.js';
import { putAndWait } from '../table/put-and-wait.js';
import { systemClock } from '../watch/system-clock.js';
import { type ConnectionOptions, tableName } from './command.js';
import { setUpMissingTable, withConnection } from './connect.js';
import { toJsonLine } from './escape.js';
import type { Io } from './io.js';
import { createLog } from './logging.js';

export interface PutAndWaitCommandOptions extends ConnectionOptions {
  readonly count: number;
  /** Milliseconds, as the two below. */
  readonly ttl: number;
  readonly interval: number;
  readonly timeout?: number;
  readonly json?: boolean;
}

/** Runs `put-and-wait`. */
export async function runPutAndWait(options: PutAndWaitCommandOptions, io: Io): Promise<void> {
  const log = await createLog(options, io);
  const table = tableName(options, io);
  await withConnection(options, { io, log }, async (connection) => {
    if (options.local === true) await setUpMissingTable(connection, table, log, io.signal);
    const tables = createTablesClient(connection);
    try {
      await putAndWait(
        {
          tables,
          clock: systemClock,
          signal: io.signal,
          onPut: ({ ttl }) => log.info({ expires: new Date(ttl * 1000).toISOString() }, 'put an item'),
          onPoll: ({ left, elapsedMs }) => log.debug({ left, elapsedMs }, 'looked'),
          onGone: ({ key, ttl, goneAfterMs }) => {
            const text = toJsonLine(options.json === true ? { key, ttl, goneAfterMs } : key).trimEnd();
            io.stdout.write(
              options.json === true ? `${text}\n` : `gone after ${(goneAfterMs / 1000).toFixed(1)} s: ${text}\n`,
            );
          },
        },
        {
          table,
          count: options.count,
          ttlSeconds: Math.max(1, Math.ceil(options.ttl / 1000)),
          intervalMs: options.interval,
          ...(options.timeout !== undefined && { timeoutMs: options.timeout }),
        },
      );
    } finally {
      tables.close();
    }
  });
}
