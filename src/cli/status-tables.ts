import { exitStatusOf, TtlArchiveError } from '../errors.js';
import { escapeText, toJsonLine } from '../lib/escape.js';
import { formatDuration } from '../lib/format-duration.js';
import { cutToWidth, textWidth } from '../lib/text-width.js';
import type { ArchiveStatus } from './archive-status.js';
import { formatBytes, formatCount } from './numbers.js';
import { worstStatus } from './worst-status.js';

/** The status of one of several archives, or why it cannot be read. */
export type TableStatus = { readonly table: string } & (
  | { readonly status: ArchiveStatus }
  | { readonly error: TtlArchiveError }
);

/** Columns of the longest name that is shown whole. */
const MAX_NAME = 24;

/** Reads one archive after the other; one that cannot be read does not stop the others. */
export async function readTables(
  tables: readonly string[],
  read: (table: string) => Promise<ArchiveStatus>,
): Promise<TableStatus[]> {
  const statuses: TableStatus[] = [];
  for (const table of tables) {
    try {
      statuses.push({ table, status: await read(table) });
    } catch (error) {
      if (!(error instanceof TtlArchiveError)) throw error;
      statuses.push({ table, error });
    }
  }
  return statuses;
}

/** The exit status for archives that cannot be read. */
export function tablesExitStatus(tables: readonly TableStatus[]): number {
  return worstStatus(tables.map((each) => ('error' in each ? exitStatusOf(each.error) : 0)));
}

export function tablesJson(tables: readonly TableStatus[]): string {
  return toJsonLine({
    tables: tables.map((each) => {
      if ('status' in each) return { table: each.table, ...each.status };
      return { table: each.table, error: { code: each.error.code, message: each.error.message } };
    }),
  });
}

/** A row for each table, and then what is wrong. */
export function tablesText(tables: readonly TableStatus[]): string {
  const head = ['TABLE', 'ITEMS', 'SIZE', 'LAG', 'GAPS', 'SHARDS', 'WATCHER'];
  const rows = [head, ...tables.map(rowOf)];
  const widths = head.map((_, column) => Math.max(...rows.map((row) => textWidth(row[column] ?? ''))));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => padded(cell, widths[column] ?? 0, column))
      .join('  ')
      .trimEnd(),
  );
  const problems = tables.flatMap(problemsOf);
  return `${[...lines, ...(problems.length > 0 ? ['', ...problems] : [])].join('\n')}\n`;
}

function rowOf({ table, ...each }: TableStatus): string[] {
  const name = escapeText(table);
  const shown = textWidth(name) > MAX_NAME ? `${cutToWidth(name, MAX_NAME - 1)}…` : name;
  if ('error' in each) return [shown, '-', '-', '-', '-', '-', `cannot be read (${each.error.code})`];
  const { archived, archivedBytes, lagMs, gapCount, shards, watcher, health } = each.status;
  const isHealthy = health === undefined || health.status === 'ok';
  return [
    shown,
    formatCount(archived),
    formatBytes(archivedBytes),
    lagMs === undefined ? '-' : formatDuration(lagMs),
    formatCount(gapCount),
    formatCount(shards.length),
    watcher === undefined || watcher.state === 'dead' ? 'none' : isHealthy ? watcher.state : health.status,
  ];
}

function problemsOf({ table, ...each }: TableStatus): string[] {
  if ('error' in each) return [escapeText(`${table}: ${each.error.message}`)];
  const { archive, health } = each.status;
  const notes = [
    ...(archive.positionsOnly === true ? ['positions only: a program gets the items itself'] : []),
    ...(health?.reason === undefined ? [] : [health.reason]),
  ];
  return notes.map((note) => escapeText(`${table}: ${note}`));
}

/** The name and the last column are aligned on the left, numbers on the right. */
function padded(cell: string, width: number, column: number): string {
  const padding = ' '.repeat(Math.max(0, width - textWidth(cell)));
  return column === 0 || column === 6 ? cell + padding : padding + cell;
}
