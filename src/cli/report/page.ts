import { hash } from 'node:crypto';
import { formatDuration } from '../../lib/format-duration.js';
import type { Gap } from '../../ports/index.js';
import type { Totals } from '../../report/collect.js';
import type { Delays } from '../../report/delays.js';
import type { Bucket } from '../../report/time-buckets.js';
import { counted, formatBytes, formatCount } from '../numbers.js';
import { barChart } from './chart.js';
import { Markup, markup } from './markup.js';
import { STYLE } from './style.js';

export interface ReportFacts {
  readonly table: string;
  /** The archive as the user named it. */
  readonly place: string;
  /** Like `layout files, format item`. */
  readonly form: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly totals: Totals;
  /** The latest gaps, and how many there are; undefined: the archive does not record any. */
  readonly gaps: readonly Gap[] | undefined;
  readonly gapCount: number;
  readonly pruned: { readonly items: number; readonly before: string } | undefined;
}

const MAX_BARS = 100;

/** The report as one HTML page. It loads nothing, runs nothing, and everything in it that is not ours is escaped. */
export function reportPage(facts: ReportFacts): string {
  const { table, totals } = facts;
  const buckets = totals.overTime.toBuckets(MAX_BARS);
  const policy = `default-src 'none'; style-src 'sha256-${hash('sha256', STYLE, 'base64')}'; base-uri 'none'; form-action 'none'`;
  return markup`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>TTL archive of ${table}</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<main>
<h1>TTL archive of ${table}</h1>
<p class="sub">${facts.place}, ${facts.form}. Report of ${facts.createdAt}. All times are UTC.</p>
${summary(facts)}
<section><h2>Items over time</h2>
${overTime(buckets, 'items')}
</section>
<section><h2>Bytes over time</h2>
${overTime(buckets, 'bytes')}
</section>
<section><h2>TTL delay</h2>
${delaySection(totals)}
</section>
<section><h2>Provenance</h2>
<p>Why the items count as deleted by TTL.</p>
${provenance(totals)}
</section>
<section><h2>Gaps</h2>
${gapSection(facts)}
</section>
</main>
</body>
</html>
`.html;
}

function summary({ totals, pruned }: ReportFacts): Markup {
  const { items, bytes, first, last, undated, delays } = totals;
  const [median, p99] = [delays.quantile(0.5), delays.quantile(0.99)];
  const facts: readonly (readonly [string, string])[] = [
    ['Items', formatCount(items)],
    ['Bytes', formatBytes(bytes)],
    ['First deletion', timeText(first)],
    ['Last deletion', timeText(last)],
    ['TTL delay, median', median === undefined ? '–' : formatDuration(median)],
    ['TTL delay, p99', p99 === undefined ? '–' : formatDuration(p99)],
    ...(undated > 0 ? [['Without a deletion time', formatCount(undated)] as const] : []),
    ...(pruned === undefined ? [] : [['Pruned, not counted here', formatCount(pruned.items)] as const]),
  ];
  return markup`<dl>
${facts.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
</dl>`;
}

function overTime(buckets: readonly Bucket[], what: 'items' | 'bytes'): Markup {
  const width = buckets[0]?.width;
  if (width === undefined) return markup`<p>There are no items.</p>`;
  const isShort = width < 86_400_000;
  const every = width === 3_600_000 ? 'hour' : formatDuration(width).replace(/^1d$/, 'day');
  return barChart({
    id: `${what}-over-time`,
    title: what === 'items' ? 'Items over time' : 'Bytes over time',
    description: `Archived ${what} by the time of their deletion, a bar for each ${every}.`,
    columns: [isShort ? 'From' : 'Day', what === 'items' ? 'Items' : 'Bytes'],
    bars: buckets.map((bucket) => ({
      label: timeText(bucket.start).slice(0, isShort ? 16 : 10),
      value: bucket[what],
      text: what === 'items' ? counted(bucket.items, 'item') : formatBytes(bucket.bytes),
    })),
  });
}

function delaySection({ delays, withoutTtl }: Totals): Markup {
  const left = [
    ...(delays.early > 0 ? [`${counted(delays.early, 'item')} deleted before expiry`] : []),
    ...(withoutTtl > 0 ? [`${counted(withoutTtl, 'item')} without a TTL value`] : []),
  ];
  const note = left.length === 0 ? '' : ` Left out: ${left.join(', ')}.`;
  return markup`<p>From an item's expiry to its deletion.${note}</p>
${delays.count === 0 ? markup`<p>There are no items with a TTL delay.</p>` : delayChart(delays)}`;
}

function delayChart(delays: Delays): Markup {
  return barChart({
    id: 'ttl-delay',
    title: 'TTL delay',
    description: `How many items were deleted how long after their expiry. The longest delay is ${formatDuration(delays.longest)}.`,
    columns: ['Delay', 'Items'],
    bars: delays.ranges().map(({ from, to, count }) => ({
      label: to === Infinity ? `${formatDuration(from)} or more` : `under ${formatDuration(to)}`,
      value: count,
      text: counted(count, 'item'),
    })),
  });
}

function provenance({ provenance: counts, items }: Totals): Markup {
  const rows = [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(
      ([why, count]) =>
        markup`<tr><th scope="row">${why}</th><td>${formatCount(count)}</td><td>${((count / items) * 100).toFixed(1)}%</td></tr>`,
    );
  return markup`<table><thead><tr><th scope="col">Provenance</th><th scope="col">Items</th><th scope="col">Share</th></tr></thead>
<tbody>
${rows}
</tbody></table>`;
}

function gapSection({ gaps, gapCount }: ReportFacts): Markup {
  if (gaps === undefined) return markup`<p>An archive in S3 does not record gaps.</p>`;
  if (gaps.length === 0) return markup`<p>No gap is recorded: nothing is known to be missing.</p>`;
  const rows = gaps.map(
    ({ ShardId, from, to, reason }) =>
      markup`<tr><td class="time">${from === undefined ? 'the beginning' : timeText(Date.parse(from))}</td><td class="time">${timeText(Date.parse(to))}</td><td>${ShardId}</td><td>${reason}</td></tr>`,
  );
  return markup`<p>${counted(gapCount, 'gap')} recorded: records may be missing.${gapCount > gaps.length ? ` The latest ${formatCount(gaps.length)} are listed.` : ''}</p>
<table class="text"><thead><tr><th scope="col">From</th><th scope="col">To</th><th scope="col">Shard</th><th scope="col">Reason</th></tr></thead>
<tbody>
${rows}
</tbody></table>`;
}

function timeText(time: number | undefined): string {
  if (time === undefined) return '–';
  // A bucket may begin before the first time that a date can have.
  return new Date(Math.max(time, -8.64e15)).toISOString().replace('T', ' ').slice(0, 19);
}
