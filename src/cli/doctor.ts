import { createStreamsClient } from '../aws/streams-client.js';
import { exitStatusOf, TtlArchiveError } from '../errors.js';
import type { Deletions } from '../ports.js';
import { type DoctorCheck, doctor } from '../table/doctor.js';
import type { ConnectionOptions } from './command.js';
import { withConnection } from './connect.js';
import { escapeText, toJsonLine } from './escape.js';
import type { Io } from './io.js';
import { createLog } from './logging.js';

export interface DoctorOptions extends ConnectionOptions {
  readonly deletions: Deletions;
  readonly json?: boolean;
}

/** Runs `doctor`. Gives the exit status that `watch` would end with because of the first thing that is not well. */
export async function runDoctor(options: DoctorOptions, io: Io): Promise<number> {
  const log = await createLog(options, io);
  return withConnection({ options, io, log, setUp: false }, async ({ connection, tables, table, signal }) => {
    const streams = createStreamsClient(connection);
    try {
      const checks = await doctor({ tables, streams, signal }, { table, deletions: options.deletions });
      for (const check of checks) io.stdout.write(options.json === true ? toJsonLine(check) : forPeople(check));
      return statusOf(checks);
    } finally {
      streams.close();
    }
  });
}

function forPeople({ ok, check, says, remedy }: DoctorCheck): string {
  const line = `${ok ? 'ok ' : 'NO '} ${check.padEnd(6)} ${escapeText(says)}\n`;
  return remedy === undefined ? line : `${line}${' '.repeat(11)}${escapeText(remedy)}\n`;
}

function statusOf(checks: readonly DoctorCheck[]): number {
  const bad = checks.find(({ ok }) => !ok);
  return bad === undefined ? 0 : exitStatusOf(new TtlArchiveError(bad.code ?? 'TABLE', bad.says));
}
