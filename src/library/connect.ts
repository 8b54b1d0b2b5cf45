import { regionOfTables } from '../lib/table-region.js';
import type { Connection } from '../ports/index.js';

/** The connection to the table's region, which its ARN may name. Throws USAGE when the two contradict each other. */
export function connectionTo(table: string, connection: Connection = {}): Connection {
  const region = regionOfTables([table], connection);
  return region === undefined ? connection : { ...connection, region };
}
