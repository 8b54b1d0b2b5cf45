import { type ErrorCode, exitStatusOf, TtlArchiveError } from '../errors.js';
import { escapeText, quoted } from '../lib/escape.js';
import { sumProgress } from '../watch/sum-progress.js';
import type { TableOutcome, TableProgress, TablesSummary } from '../watch/tables-summary.js';
import { watchTables } from '../watch/watch-tables.js';
import { withConnection } from './connect.js';
import { type Field, fieldLine } from './field-line.js';
import { counted } from './numbers.js';
import { createRate } from './rate.js';
import { stoppedStatus, writesJson } from './report-error.js';
import { type Archiving, coreOptions, itemPrinter, type WatchCommandOptions } from './watch-options.js';
import { progressFields, summaryFacts, summaryText } from './watch-text.js';
import { worstStatus } from './worst-status.js';
import { widthOf, wrap } from './wrap.js';

/** Tables that a message names. */
const MAX_NAMED = 5;

/** `watch` of several tables. */
export function archiveTables(
  options: WatchCommandOptions,
  { io, log, liveLine, monitored }: Archiving,
): Promise<number> {
  const { tables: named, tablePattern: patterns, tag: tags } = options;
  return withConnection({ options, tables: named, io, log, setUp: true }, async ({ connection, clock, signal }) => {
    const core = coreOptions(options, io);
    const watching = watchTables(
      {
        ...core,
        tables: named,
        patterns,
        tags,
        connection,
        signal,
        onArchived: (items, table) => itemPrinter(options, `${core.out}/${table}`, io)(items),
      },
      { log, clock },
    );
    monitored(() => watching.progress());
    if (!writesJson(options, io) && options.logLevel !== 'silent') {
      const rate = createRate(() => clock.now());
      liveLine.start((columns) => fieldLine(tablesFields(watching.progress(), rate), columns));
    }
    try {
      const summary = await watching.done;
      liveLine.stop();
      printSummary(summary, options, { io, log });
      return statusOf(summary, options.once === true, io.signal);
    } finally {
      liveLine.stop();
    }
  });
}

/** The live status line: the tables as one; the lag is that of the tables that are read. */
function tablesFields(tables: readonly TableProgress[], rate: (count: number) => number): Field[] {
  const failing = tables.filter(({ isFailing }) => isFailing).length;
  const all = sumProgress(tables.map(({ progress }) => progress));
  const { lagMs } = sumProgress(tables.flatMap(({ progress, isFailing }) => (isFailing ? [] : [progress])));
  return [
    { text: counted(tables.length, 'table'), rank: 4, width: 8 },
    ...progressFields({ ...all, lagMs }, rate(all.records)),
    ...(failing > 0 ? [{ text: `${counted(failing, 'table')} failing`, rank: 0 }] : []),
  ];
}

function printSummary(
  { tables, elapsedMs }: TablesSummary,
  options: WatchCommandOptions,
  { io, log }: Pick<Archiving, 'io' | 'log'>,
): void {
  const once = options.once === true;
  const all = sumProgress(tables.map(({ progress }) => progress));
  if (writesJson(options, io)) {
    for (const { table, progress } of tables) {
      log.info({ event: 'watch.summary', table, ...summaryFacts({ ...progress, elapsedMs }, once) }, 'summary');
    }
    const facts = summaryFacts({ ...all, elapsedMs }, once);
    log.info({ event: 'watch.summary', tables: tables.length, ...facts }, 'summary of all tables');
    return;
  }
  if (!['trace', 'debug', 'info'].includes(options.logLevel)) return;
  const width = widthOf(io.stderr);
  const lines = tables.flatMap(({ table, progress: { archived, gapCount }, failure }) => {
    const gaps = gapCount === 0 ? '' : `, ${counted(gapCount, 'gap')}`;
    const reason = failure instanceof Error ? failure.message : String(failure);
    const problem = failure === undefined ? '' : `, failed: ${reason}`;
    return wrap('', escapeText(`${table}: archived ${counted(archived, 'item')}${gaps}${problem}`), 2, width);
  });
  const total = summaryText({ ...all, elapsedMs }, once, width);
  io.stderr.write([...lines, `${counted(tables.length, 'table')}:`, total].join('\n'));
}

/** The exit status. Throws the worst failure, when there is one, as an error that names the tables. */
function statusOf({ tables }: TablesSummary, once: boolean, signal: AbortSignal): number {
  const failures = tables.flatMap((outcome) => failuresOf(outcome, once));
  const status = worstStatus(failures.map(({ code }) => exitStatusOf(new TtlArchiveError(code, ''))));
  const worst = failures.find(({ code }) => exitStatusOf(new TtlArchiveError(code, '')) === status);
  if (worst !== undefined) {
    const names = [...new Set(failures.map(({ table }) => table))];
    const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : '';
    const which = `${names.slice(0, MAX_NAMED).map(quoted).join(', ')}${more}`;
    throw new TtlArchiveError(worst.code, `${names.length} of ${counted(tables.length, 'table')} failed: ${which}.`, {
      remedy: 'The events "table.failed", "gap.found" and "upload.failed" in the log say why.',
    });
  }
  return once && tables.some(({ interrupted }) => interrupted) ? stoppedStatus(signal) : 0;
}

function failuresOf({ table, progress, failure, uploadFailure }: TableOutcome, once: boolean) {
  const errors = [
    ...(failure === undefined ? [] : [failure]),
    ...(once && uploadFailure !== undefined ? [uploadFailure] : []),
  ];
  const codes: ErrorCode[] = errors.map((error) => (error instanceof TtlArchiveError ? error.code : 'INTERNAL'));
  if (progress.gapCount > 0) codes.push('GAP');
  return codes.map((code) => ({ table, code }));
}
