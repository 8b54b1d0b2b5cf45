import { escapeJson } from '../lib/escape.js';
import { parseTableArn } from '../lib/table-arn.js';
import { iamPolicy, type PolicyCommand } from '../table/iam-policy.js';
import { type ConnectionOptions, tableName } from './command.js';
import { withConnection } from './connect.js';
import type { Io } from './io.js';
import { createLog } from './logging.js';

/** Prints the policy that a command needs. Connects only when the table's ARN has to be looked up. */
export async function printIamPolicy(options: ConnectionOptions, command: PolicyCommand, io: Io): Promise<void> {
  const table = tableName(options, io);
  const arn = parseTableArn(table) === undefined ? await lookUpArn(options, io) : table;
  const lines = JSON.stringify(iamPolicy(arn, command), null, 2).split('\n');
  io.stdout.write(`${lines.map(escapeJson).join('\n')}\n`);
}

async function lookUpArn(options: ConnectionOptions, io: Io): Promise<string> {
  const log = createLog(options, io);
  return withConnection({ options, io, log, setUp: false }, async ({ tables, table, signal }) => {
    const { TableArn } = await tables.describeTable(table, signal);
    return TableArn;
  });
}
