import { regionOfTables } from '../lib/table-region.js';
import type { Connection } from '../ports/index.js';

/** The connection to the region of the table or tables, which an ARN may name. Throws USAGE when they contradict each other. */
export function connectionTo(table: string | readonly string[], connection: Connection = {}): Connection {
  const region = regionOfTables(typeof table === 'string' ? [table] : table, connection);
  return region === undefined ? connection : { ...connection, region };
}
