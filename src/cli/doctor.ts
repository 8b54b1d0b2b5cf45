import { ServerClock } from '../aws/server-clock.js';
import { createStreamsClient } from '../aws/streams-client.js';
import { exitStatusOf, hasCode, TtlArchiveError } from '../errors.js';
import { toJsonLine } from '../lib/escape.js';
import { systemClock } from '../lib/system-clock.js';
import type { Deletions } from '../ports/index.js';
import { doctor, noConnection } from '../table/doctor.js';
import type { DoctorCheck } from '../table/doctor-check.js';
import type { PolicyCommand } from '../table/iam-policy.js';
import type { TableTag } from '../watch/tables-options.js';
import { checkArchive } from './check-archive.js';
import { checkUpload } from './check-upload.js';
import { checkVersions } from './check-versions.js';
import { type ConnectionOptions, tableName } from './command.js';
import { withConnection } from './connect.js';
import { checkText, verdictText } from './doctor-text.js';
import type { Io } from './io.js';
import { createLog } from './logging.js';
import { commandLines, isLoopback } from './next-commands.js';
import { choosesTables, printIamPolicy } from './print-iam-policy.js';

export interface DoctorOptions extends ConnectionOptions {
  readonly out: string;
  readonly deletions: Deletions;
  readonly scan: boolean;
  readonly json?: boolean;
  readonly iamPolicy?: PolicyCommand;
  readonly upload?: string;
  readonly s3EndpointUrl?: string;
  /** With `iamPolicy` only, as `tag`. */
  readonly tablePattern?: readonly string[];
  readonly tag?: readonly TableTag[];
}

/** Runs `doctor`. Returns the exit status of `watch` for the first failed check, else 0. */
export async function runDoctor(options: DoctorOptions, io: Io): Promise<number> {
  if (options.iamPolicy !== undefined) {
    await printIamPolicy(options, options.iamPolicy, io);
    return 0;
  }
  if (choosesTables(options)) {
    throw new TtlArchiveError('USAGE', 'doctor checks one table, and --table-pattern and --tag choose among many.', {
      remedy: 'Name a table with --table, or print the policy for all of them with --iam-policy.',
    });
  }
  const table = tableName(options, io);
  const { isLocal, checks: ofTable } = await checkTable(options, io);
  const checks = [
    ...ofTable,
    ...(await checkArchive({ ...options, table, now: systemClock.now() }, io)),
    ...(options.upload === undefined ? [] : [await checkUpload(options.upload, options, io)]),
    ...checkVersions({ cwd: io.cwd, local: isLocal }),
  ];
  const status = statusOf(checks);
  for (const { commands = [], ...check } of checks) {
    const lines = commandLines(commands, { ...options, table }, io.env);
    const facts = { ...check, ...(lines.length > 0 && { commands: lines }) };
    io.stdout.write(options.json === true ? toJsonLine(facts) : checkText(check, lines, io.stdout.columns));
  }
  if (options.json !== true) io.stdout.write(verdictText(checks, status, io.stdout.columns));
  return status;
}

/** What needs DynamoDB. A DynamoDB Local that cannot be used is a failed check. */
async function checkTable(options: DoctorOptions, io: Io): Promise<{ checks: DoctorCheck[]; isLocal: boolean }> {
  const log = createLog(options, io);
  const awsTime = new ServerClock(systemClock);
  const onDate = (date: string) => awsTime.setDate(date);
  const isLocal = options.local === true || isLoopback(options.endpointUrl);
  try {
    return await withConnection({ options, io, log, setUp: false, onDate }, async (connected) => {
      const { connection, table } = connected;
      const streams = createStreamsClient(connection);
      try {
        const checks = await doctor({ ...connected, streams, awsTime }, { ...options, table });
        return { checks, isLocal: isLocal || streams.isLoopback === true };
      } finally {
        streams.close();
      }
    });
  } catch (error) {
    if (io.signal.aborted || !hasCode(error, 'LOCAL')) throw error;
    return { checks: [noConnection(error)], isLocal };
  }
}

function statusOf(checks: readonly DoctorCheck[]): number {
  const failed = checks.find(({ result }) => result === 'fail');
  return failed === undefined ? 0 : exitStatusOf(new TtlArchiveError(failed.code ?? 'TABLE', failed.says));
}
