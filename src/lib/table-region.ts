import { TtlArchiveError } from '../errors.js';
import type { Connection } from '../ports/index.js';
import { escapeText } from './escape.js';
import { parseTableArn } from './table-arn.js';

/**
 * The region to connect to, for tables by their names or ARNs. Throws USAGE when the connection's region contradicts an
 * ARN, or two ARNs contradict each other.
 */
export function regionOfTables(tables: readonly string[], { region, endpointUrl }: Connection): string | undefined {
  const [first, other] = new Set(tables.flatMap((table) => parseTableArn(table)?.region ?? []));
  // An emulator does not use the region of an ARN.
  if (first === undefined || endpointUrl !== undefined) return region;
  if (other !== undefined) {
    throw new TtlArchiveError('USAGE', `The tables are in the regions ${first} and ${other}.`, {
      remedy: 'Run a watch for each region.',
    });
  }
  if (region === undefined || region === first) return first;
  throw new TtlArchiveError('USAGE', `The table is in the region ${first}, and --region says ${escapeText(region)}.`, {
    remedy: 'Leave --region out, or give the ARN of a table in that region.',
  });
}
