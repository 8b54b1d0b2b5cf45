import { resolve } from 'node:path';
import { TtlArchiveError } from '../errors.js';
import { escapeText } from '../lib/escape.js';
import { tableNameOf } from '../lib/table-arn.js';
import { noArchive } from '../reading/open-archive.js';
import { tearDownTable } from '../table/tear-down-table.js';
import type { ConnectionOptions } from './command.js';
import { type Connected, withConnection } from './connect.js';
import type { Io } from './io.js';
import { createLog } from './logging.js';
import { counted } from './numbers.js';
import { prepareRemoval } from './remove-archive.js';

export interface TeardownOptions extends ConnectionOptions {
  readonly yes?: boolean;
  readonly files?: boolean;
  readonly out: string;
}

/** Runs `teardown`. */
export async function runTeardown(options: TeardownOptions, io: Io): Promise<number> {
  const log = createLog(options, io);
  return withConnection({ options, io, log, setUp: false }, async (connected) => {
    // First of all: throws while a watch runs.
    const removal =
      options.files === true
        ? await prepareRemoval(resolve(io.cwd, options.out), tableNameOf(connected.table), { ...connected, log })
        : undefined;
    if (options.files === true && removal === undefined) throw noArchive(options.out);
    try {
      if (!(await isConfirmed(options, io, connected))) {
        io.stdout.write('nothing was deleted\n');
        return 0;
      }
      const table = escapeText(connected.table);
      const torn = await tearDownTable(connected, connected.table);
      io.stdout.write(torn === 'deleted' ? `deleted the table ${table}\n` : `there is no table ${table}\n`);
      if (removal !== undefined) {
        const files = await removal.remove();
        io.stdout.write(`deleted the archive in ${escapeText(options.out)}: ${counted(files, 'file')}\n`);
      }
      return 0;
    } finally {
      await removal?.release();
    }
  });
}

async function isConfirmed(options: TeardownOptions, io: Io, { table, connection }: Connected): Promise<boolean> {
  if (options.yes === true) return true;
  const where = connection.endpointUrl === undefined ? 'on AWS' : `at ${escapeText(connection.endpointUrl)}`;
  const files = options.files === true ? ` and the archive in ${escapeText(options.out)}` : '';
  const answer = await io.ask(`Delete the table ${escapeText(table)} ${where}${files}? [y/N] `);
  if (answer === undefined) {
    throw new TtlArchiveError('USAGE', 'Cannot confirm: not a terminal.', {
      remedy: 'Add --yes to delete the table without being asked.',
    });
  }
  return /^y(es)?$/i.test(answer.trim());
}
