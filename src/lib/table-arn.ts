import { TtlArchiveError } from '../errors.js';

export interface TableArn {
  readonly region: string;
  readonly name: string;
}

/**
 * The parts of a table's ARN, which AWS accepts in place of a table's name; undefined for a name. Throws USAGE for any
 * other ARN.
 */
export function parseTableArn(table: string): TableArn | undefined {
  if (!table.startsWith('arn:')) return undefined;
  const [, region, name] = /^arn:[\w-]+:dynamodb:([\w-]+):\w*:table\/([\w.-]+)$/.exec(table) ?? [];
  if (region !== undefined && name !== undefined) return { region, name };
  throw new TtlArchiveError('USAGE', `${JSON.stringify(table)} is not the ARN of a table.`, {
    remedy: 'Give the name of a table, or an ARN like arn:aws:dynamodb:eu-west-1:123456789012:table/Orders.',
  });
}

/** A table's name, from its name or its ARN. Throws USAGE as parseTableArn does. */
export function tableNameOf(table: string): string {
  return parseTableArn(table)?.name ?? table;
}

/** The table's name in the ARN of one of its streams; undefined for another text. */
export function parseStreamArn(arn: string): string | undefined {
  return /^arn:[\w-]+:dynamodb:[^:]*:[^:]*:table\/([^/]+)\/stream\//.exec(arn)?.[1];
}
