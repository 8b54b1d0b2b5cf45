import type { ItemEntry } from '../ports/index.js';
import type { WatchOptions } from './options.js';

/** A tag of a table on AWS. */
export interface TableTag {
  readonly key: string;
  readonly value: string;
}

/** Which tables to watch. */
export interface TableChoice {
  /** Names or ARNs of tables of one region. */
  readonly tables?: readonly string[] | undefined;
  /** Also the tables whose names match one of these: `*` stands for any characters, `?` for one. */
  readonly patterns?: readonly string[] | undefined;
  /** Of those that match a pattern, or without patterns of all tables: only those with all these tags. */
  readonly tags?: readonly TableTag[] | undefined;
}

/** As for one table; `out` gets a folder for each table, and so does the prefix of `upload`. */
export interface WatchTablesOptions extends TableChoice, Omit<WatchOptions, 'table' | 'onArchived'> {
  /** Called after the commit of a page of this table; see `WatchOptions`. */
  readonly onArchived?: ((items: readonly ItemEntry[], table: string) => unknown) | undefined;
}
