import { createStreamsClient } from '../aws/streams-client.js';
import { exitStatusOf, TtlArchiveError } from '../errors.js';
import { escapeText, toJsonLine } from '../lib/escape.js';
import type { Deletions } from '../ports/index.js';
import { type DoctorCheck, doctor } from '../table/doctor.js';
import type { ConnectionOptions } from './command.js';
import { withConnection } from './connect.js';
import type { Io } from './io.js';
import { createLog } from './logging.js';
import { commandLines } from './next-commands.js';

export interface DoctorOptions extends ConnectionOptions {
  readonly deletions: Deletions;
  readonly json?: boolean;
}

/** Runs `doctor`. Returns the exit status of `watch` for the first failed check, else 0. */
export async function runDoctor(options: DoctorOptions, io: Io): Promise<number> {
  const log = createLog(options, io);
  return withConnection({ options, io, log, setUp: false }, async ({ connection, tables, table, signal }) => {
    const streams = createStreamsClient(connection);
    try {
      const checks = await doctor({ tables, streams, signal }, { table, deletions: options.deletions });
      for (const { commands = [], ...check } of checks) {
        const lines = commandLines(commands, { ...options, table }, io.env);
        const facts = { ...check, ...(lines.length > 0 && { commands: lines }) };
        io.stdout.write(options.json === true ? toJsonLine(facts) : checkText(check, lines));
      }
      return statusOf(checks);
    } finally {
      streams.close();
    }
  });
}

function checkText({ ok, check, says, remedy }: DoctorCheck, commands: readonly string[]): string {
  const verdict = ok ? (remedy === undefined ? 'ok  ' : 'warn') : 'NO  ';
  const advice = [...(remedy === undefined ? [] : [remedy]), ...commands.map((command) => `  ${command}`)];
  const lines = [`${verdict} ${check.padEnd(6)} ${says}`, ...advice.map((text) => `${' '.repeat(12)}${text}`)];
  return `${lines.map(escapeText).join('\n')}\n`;
}

function statusOf(checks: readonly DoctorCheck[]): number {
  const bad = checks.find(({ ok }) => !ok);
  return bad === undefined ? 0 : exitStatusOf(new TtlArchiveError(bad.code ?? 'TABLE', bad.says));
}
