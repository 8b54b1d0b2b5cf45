import { TtlArchiveError } from '../errors.js';
import { escapeJson } from '../lib/escape.js';
import { isS3Url, parseS3Url, type S3Location } from '../lib/s3-location.js';
import { parseTableArn } from '../lib/table-arn.js';
import { iamPolicy, type PolicyCommand, type PolicyTables } from '../table/iam-policy.js';
import type { TableTag } from '../watch/tables-options.js';
import { type ConnectionOptions, tableName } from './command.js';
import { withConnection } from './connect.js';
import type { Io } from './io.js';
import { createLog } from './logging.js';

interface PolicyOptions extends ConnectionOptions {
  readonly out: string;
  readonly upload?: string;
  readonly tablePattern?: readonly string[];
  readonly tag?: readonly TableTag[];
}

type Choice = Pick<PolicyOptions, 'tablePattern' | 'tag'>;

/** Patterns or tags choose the tables. */
export function choosesTables({ tablePattern = [], tag = [] }: Choice): boolean {
  return tablePattern.length + tag.length > 0;
}

/** Prints the policy that a command needs. Connects only when an ARN has to be looked up. */
export async function printIamPolicy(options: PolicyOptions, command: PolicyCommand, io: Io): Promise<void> {
  const archive = archiveIn(options, command);
  if (choosesTables(options) && command !== 'watch') {
    throw new TtlArchiveError(
      'USAGE',
      `${command} works on one table, and --table-pattern and --tag choose among many.`,
      {
        remedy: 'Name a table with --table.',
      },
    );
  }
  const policy = iamPolicy(await tablesOf(options, io), command, archive);
  const lines = JSON.stringify(policy, null, 2).split('\n');
  io.stdout.write(`${lines.map(escapeJson).join('\n')}\n`);
}

/** The archive in S3 that the command writes or reads. */
function archiveIn({ out, upload }: PolicyOptions, command: PolicyCommand): S3Location | undefined {
  if (command === 'restore') return isS3Url(out) ? parseS3Url(out) : undefined;
  return upload !== undefined && (command === 'watch' || command === 'doctor') ? parseS3Url(upload) : undefined;
}

/** With patterns or tags, a table is one of them only when it was named, as for `watch`. */
async function tablesOf(options: PolicyOptions, io: Io): Promise<PolicyTables> {
  const { table: named, tablePattern: patterns = [], tag = [] } = options;
  if (!choosesTables(options)) return { arns: [await arnOf(tableName(options, io), options, io)] };
  const arn = await (named === undefined ? anyArn(options, io) : arnOf(named, options, io));
  const all = arn.slice(0, arn.lastIndexOf('/') + 1);
  // In an ARN of a policy, * and ? stand for the same as in a pattern.
  const chosen = (patterns.length === 0 ? ['*'] : patterns).map((pattern) => `${all}${pattern}`);
  return { arns: [...(named === undefined ? [] : [arn]), ...chosen], chosenBy: tag.length > 0 ? 'tag' : 'pattern' };
}

async function arnOf(table: string, options: ConnectionOptions, io: Io): Promise<string> {
  if (parseTableArn(table) !== undefined) return table;
  const log = createLog(options, io);
  return withConnection({ options, tables: [table], io, log, setUp: false }, async ({ tables, signal }) => {
    const { TableArn } = await tables.describeTable(table, signal);
    return TableArn;
  });
}

/** The ARN of some table of the region, for its account. */
async function anyArn(options: ConnectionOptions, io: Io): Promise<string> {
  const log = createLog(options, io);
  return withConnection({ options, tables: [], io, log, setUp: false }, async ({ tables, signal }) => {
    const [table] = (await tables.listTables({}, signal)).TableNames;
    if (table !== undefined) return (await tables.describeTable(table, signal)).TableArn;
    throw new TtlArchiveError('TABLE_NOT_FOUND', 'The region has no table yet, from whose ARN the account is known.', {
      remedy: 'Check the region and the endpoint, or also name a table by its ARN, with --table.',
    });
  });
}
