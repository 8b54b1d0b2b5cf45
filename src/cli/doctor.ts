import { createStreamsClient } from '../aws/streams-client.js';
import { createTablesClient } from '../aws/tables-client.js';
import { exitStatusOf, TtlArchiveError } from '../errors.js';
import { doctor } from '../table/doctor.js';
import { type ConnectionOptions, tableName } from './command.js';
import { withConnection } from './connect.js';
import { escapeText, toJsonLine } from './escape.js';
import type { Io } from './io.js';
import { createLog } from './logging.js';

export interface DoctorOptions extends ConnectionOptions {
  readonly json?: boolean;
}

/** Runs `doctor`. Gives the exit status that `watch` would end with. */
export async function runDoctor(options: DoctorOptions, io: Io): Promise<number> {
  const log = await createLog(options, io);
  return withConnection(options, { io, log }, async (connection) => {
    const tables = createTablesClient(connection);
    const streams = createStreamsClient(connection);
    try {
      const checks = await doctor({ tables, streams, signal: io.signal }, { table: tableName(options, io) });
      for (const check of checks) {
        const { ok, says, remedy } = check;
        const text = `${ok ? 'ok  ' : 'BAD '} ${check.check.padEnd(7)} ${says}${remedy === undefined ? '' : ` ${remedy}`}`;
        io.stdout.write(options.json === true ? toJsonLine(check) : `${escapeText(text)}\n`);
      }
      const bad = checks.find(({ ok }) => !ok);
      return bad === undefined ? 0 : exitStatusOf(new TtlArchiveError(bad.code ?? 'TABLE', bad.says));
    } finally {
      tables.close();
      streams.close();
    }
  });
}
