import { TtlArchiveError } from '../errors.js';
import type { Connection } from '../ports/index.js';
import { escapeText } from './escape.js';
import { parseTableArn } from './table-arn.js';

/** The region to connect to. Throws USAGE when the connection's region contradicts the table's ARN. */
export function regionOfTable(table: string, { region, endpointUrl }: Connection): string | undefined {
  const arn = parseTableArn(table);
  // An emulator does not use the region of an ARN.
  if (arn === undefined || endpointUrl !== undefined) return region;
  if (region === undefined || region === arn.region) return arn.region;
  const message = `The table is in the region ${arn.region}, and --region says ${escapeText(region)}.`;
  throw new TtlArchiveError('USAGE', message, {
    remedy: 'Leave --region out, or give the ARN of a table in that region.',
  });
}
