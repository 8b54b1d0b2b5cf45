import { resolve } from 'node:path';
import { createTablesClient } from '../aws/tables-client.js';
import { TtlArchiveError } from '../errors.js';
import { tearDownTable } from '../table/tear-down-table.js';
import { systemClock } from '../watch/system-clock.js';
import { type ConnectionOptions, tableName } from './command.js';
import { withConnection } from './connect.js';
import { emptyArchive } from './empty-archive.js';
import { escapeText } from './escape.js';
import type { Io } from './io.js';
import { createLog } from './logging.js';

export interface TeardownOptions extends ConnectionOptions {
  readonly yes?: boolean;
  readonly files?: boolean;
  readonly out: string;
}

/** Runs `teardown`. */
export async function teardown(options: TeardownOptions, io: Io): Promise<number> {
  const log = await createLog(options, io);
  const table = tableName(options, io);
  if (options.yes !== true && !(await isSure(table, options, io))) {
    io.stderr.write('Nothing is deleted.\n');
    return 1;
  }
  await withConnection(options, { io, log }, async (connection) => {
    const tables = createTablesClient(connection);
    try {
      const done = await tearDownTable({ tables, clock: systemClock, signal: io.signal }, table);
      io.stdout.write(`${escapeText(table)} ${done === 'missing' ? 'was not there' : 'is deleted'}\n`);
    } finally {
      tables.close();
    }
  });
  if (options.files === true) {
    const files = await emptyArchive(resolve(io.cwd, options.out));
    io.stdout.write(`${files} archived files are removed from ${escapeText(options.out)}\n`);
  }
  return 0;
}

async function isSure(table: string, options: TeardownOptions, io: Io): Promise<boolean> {
  const what = options.files === true ? 'the table and its archive' : 'the table';
  const answer = await io.ask(`Delete ${what}, ${escapeText(table)}? Type its name: `);
  if (answer === undefined) {
    throw new TtlArchiveError('USAGE', 'There is no terminal on which to ask whether the table may be deleted.', {
      remedy: 'Pass --yes if it may.',
    });
  }
  return answer.trim() === table;
}
