import { escapeText } from '../lib/escape.js';
import { parseKeySchema } from '../table/key-schema.js';
import { setUpTable } from '../table/set-up-table.js';
import type { ConnectionOptions } from './command.js';
import { withConnection } from './connect.js';
import type { Io } from './io.js';
import { createLog } from './logging.js';

export interface SetupOptions extends ConnectionOptions {
  readonly keySchema?: string;
  readonly ttlAttribute: string;
  readonly viewType: string;
}

/** Runs `setup`. */
export async function runSetup(options: SetupOptions, io: Io): Promise<void> {
  const keySchema = options.keySchema === undefined ? {} : { keySchema: parseKeySchema(options.keySchema) };
  const log = createLog(options, io);
  await withConnection({ options, io, log, setUp: false }, async (connected) => {
    const { ttlAttribute, viewType } = options;
    const setUp = await setUpTable(
      { ...connected, log },
      { table: connected.table, ...keySchema, ttlAttribute, viewType },
    );
    const done = [
      setUp.created && 'created',
      setUp.switchedStreamOn && 'stream switched on',
      setUp.switchedTtlOn && 'TTL switched on',
    ].filter((part) => part !== false);
    io.stdout.write(
      `${escapeText(setUp.description.TableName)} is ready: ${done.join(', ') || 'nothing had to be changed'}\n`,
    );
  });
}
