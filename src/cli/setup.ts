import { createTablesClient } from '../aws/tables-client.js';
import { parseKeySchema } from '../table/key-schema.js';
import { setUpTable } from '../table/set-up-table.js';
import { systemClock } from '../watch/system-clock.js';
import { type ConnectionOptions, tableName } from './command.js';
import { withConnection } from './connect.js';
import { escapeText } from './escape.js';
import type { Io } from './io.js';
import { createLog } from './logging.js';

export interface SetupOptions extends ConnectionOptions {
  readonly keySchema?: string;
  readonly ttlAttribute: string;
  readonly viewType: string;
}

/** Runs `setup`. */
export async function setup(options: SetupOptions, io: Io): Promise<void> {
  const log = await createLog(options, io);
  const table = tableName(options, io);
  const { ttlAttribute, viewType } = options;
  const keySchema = options.keySchema === undefined ? {} : { keySchema: parseKeySchema(options.keySchema) };
  await withConnection(options, { io, log }, async (connection) => {
    const tables = createTablesClient(connection);
    try {
      const context = { tables, clock: systemClock, log, signal: io.signal };
      const done = await setUpTable(context, { table, ttlAttribute, viewType, ...keySchema });
      const what = done.created ? 'is created' : 'was there';
      const changes = [
        done.switchedTtlOn && 'TTL is switched on',
        done.switchedStreamOn && 'the stream is switched on',
      ];
      io.stdout.write(
        `${escapeText([`${table} ${what}`, ...changes.filter((change) => change !== false)].join(', '))}\n`,
      );
      io.stdout.write(`${escapeText(done.description.LatestStreamArn ?? '')}\n`);
    } finally {
      tables.close();
    }
  });
}
