import { median, spread } from './statistics.js';
import type { Row, Target } from './types.js';

/** Whether the row's target is reached; undefined when it has none. */
export function reached({ samples, ratio, target }: Row): boolean | undefined {
  if (target === undefined) return undefined;
  const value = target.of === 'ratio' ? (ratio ?? Number.NaN) : median(samples);
  return target.is === 'at least' ? value >= target.value : value <= target.value;
}

/** All rows as one table for people. */
export function formatTable(rows: readonly Row[]): string {
  const head = ['part', 'measure', 'median', 'spread', 'runs', 'ratio', 'baseline', 'target', '', 'note'];
  const lines = rows.map((row) => [
    row.part,
    row.measure,
    row.samples.length === 0 ? '–' : `${formatNumber(median(row.samples))} ${row.unit}`,
    row.samples.length < 2 ? '–' : `±${spread(row.samples).toFixed(0)} %`,
    String(row.samples.length),
    row.ratio === undefined ? '' : `${row.ratio.toFixed(2)}×`,
    row.baseline ?? '',
    row.target === undefined ? '' : formatTarget(row.target),
    { undefined: '', true: 'reached', false: 'MISSED' }[String(reached(row))] ?? '',
    row.note ?? '',
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...lines].map((line) => line[column]?.length ?? 0)));
  const pad = (line: readonly string[]) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return [pad(head), widths.map((width) => '-'.repeat(width)).join('  '), ...lines.map(pad)]
    .map((line) => line.trimEnd())
    .join('\n');
}

function formatTarget({ is, value, of }: Target): string {
  return `${is === 'at least' ? '≥' : '≤'} ${value}${of === 'ratio' ? '×' : ''}`;
}

function formatNumber(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: value >= 100 ? 0 : 2 });
}
