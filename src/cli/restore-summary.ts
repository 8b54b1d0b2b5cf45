import { escapeText, toJsonLine } from '../lib/escape.js';
import type { RestoreCounts } from '../restore/restore-counts.js';
import { counted, formatCount } from './numbers.js';
import { wrap } from './wrap.js';

/** The result of `restore`. */
interface SummaryFacts extends RestoreCounts {
  readonly table: string;
  readonly dryRun: boolean;
  readonly interrupted: boolean;
}

/** One JSON object; `failures` is the file that lists the failed items. */
export function summaryJson(facts: SummaryFacts, failures: string): string {
  return toJsonLine({ ...facts, ...(facts.failed > 0 && !facts.dryRun && { failures }) });
}

/** A sentence in so many columns. */
export function summaryText(facts: SummaryFacts, columns: number): string {
  const { table, dryRun, interrupted, restored, skipped, failed } = facts;
  const what = `${dryRun ? 'would restore up to' : 'restored'} ${counted(restored, 'item')} into ${table}`;
  const rest = `${formatCount(skipped)} skipped (already in the table), ${formatCount(failed)} failed`;
  const text = escapeText(`${interrupted ? 'interrupted: ' : ''}${what}, ${rest}`);
  return `${wrap('', text, 2, columns).join('\n')}\n`;
}
