import { escapeJson } from '../lib/escape.js';
import { isS3Url, parseS3Url, type S3Location } from '../lib/s3-location.js';
import { parseTableArn } from '../lib/table-arn.js';
import { iamPolicy, type PolicyCommand } from '../table/iam-policy.js';
import { type ConnectionOptions, tableName } from './command.js';
import { withConnection } from './connect.js';
import type { Io } from './io.js';
import { createLog } from './logging.js';

interface PolicyOptions extends ConnectionOptions {
  readonly out: string;
  readonly upload?: string;
}

/** Prints the policy that a command needs. Connects only when the table's ARN has to be looked up. */
export async function printIamPolicy(options: PolicyOptions, command: PolicyCommand, io: Io): Promise<void> {
  const archive = archiveIn(options, command);
  const table = tableName(options, io);
  const arn = parseTableArn(table) === undefined ? await lookUpArn(options, io) : table;
  const lines = JSON.stringify(iamPolicy(arn, command, archive), null, 2).split('\n');
  io.stdout.write(`${lines.map(escapeJson).join('\n')}\n`);
}

/** The archive in S3 that the command writes or reads. */
function archiveIn({ out, upload }: PolicyOptions, command: PolicyCommand): S3Location | undefined {
  if (command === 'restore') return isS3Url(out) ? parseS3Url(out) : undefined;
  return upload !== undefined && (command === 'watch' || command === 'doctor') ? parseS3Url(upload) : undefined;
}

async function lookUpArn(options: ConnectionOptions, io: Io): Promise<string> {
  const log = createLog(options, io);
  return withConnection({ options, io, log, setUp: false }, async ({ tables, table, signal }) => {
    const { TableArn } = await tables.describeTable(table, signal);
    return TableArn;
  });
}
