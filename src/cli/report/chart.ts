import { type Markup, markup } from './markup.js';

interface Bar {
  /** What it stands for, like `2026-11-24`. */
  readonly label: string;
  readonly value: number;
  /** The value in words. */
  readonly text: string;
}

export interface ChartOptions {
  /** Unique in the page. */
  readonly id: string;
  readonly title: string;
  /** What it shows, in a sentence. */
  readonly description: string;
  /** Names of the columns of its table. */
  readonly columns: readonly [string, string];
  readonly bars: readonly Bar[];
}

const WIDTH = 800;
const HEIGHT = 180;
const BASE = HEIGHT - 24;
const TOP = 18;

/** A bar chart as SVG, and its values as a table for who cannot see it. */
export function barChart({ id, title, description, columns, bars }: ChartOptions): Markup {
  const highest = bars.reduce((most, { value }) => Math.max(most, value), 0);
  const step = WIDTH / Math.max(1, bars.length);
  const gap = step > 6 ? step * 0.15 : 0;
  const rects = bars.map(({ label, value, text }, index) => {
    // What is not nothing can be seen.
    const height = value === 0 ? 0 : Math.max(1.5, (value / highest) * (BASE - TOP));
    const [x, y] = [round(index * step + gap / 2), round(BASE - height)];
    return markup`<rect class="bar" x="${x}" y="${y}" width="${round(step - gap)}" height="${round(height)}"><title>${label}: ${text}</title></rect>`;
  });
  const most = bars.find(({ value }) => value === highest);
  return markup`<figure>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="${id}-title ${id}-description">
<title id="${id}-title">${title}</title>
<desc id="${id}-description">${description}</desc>
<text class="note" x="0" y="11">highest: ${most === undefined ? 'none' : `${most.text} (${most.label})`}</text>
${rects}
<line class="axis" x1="0" y1="${BASE}" x2="${WIDTH}" y2="${BASE}"/>
${labels(bars, step)}
</svg>
<details><summary>The values as a table</summary>
${table(columns, bars)}
</details>
</figure>`;
}

/** Labels below the first and the last bar; below each when there are few. */
function labels(bars: readonly Bar[], step: number): Markup[] {
  const y = HEIGHT - 6;
  if (bars.length > 0 && bars.length <= 9) {
    return bars.map(
      ({ label }, index) =>
        markup`<text class="note" x="${round((index + 0.5) * step)}" y="${y}" text-anchor="middle">${label}</text>`,
    );
  }
  const [first, last] = [bars[0], bars.at(-1)];
  if (first === undefined || last === undefined) return [];
  return [
    markup`<text class="note" x="0" y="${y}">${first.label}</text>`,
    markup`<text class="note" x="${WIDTH}" y="${y}" text-anchor="end">${last.label}</text>`,
  ];
}

function table([what, value]: readonly [string, string], bars: readonly Bar[]): Markup {
  const rows = bars.map(({ label, text }) => markup`<tr><th scope="row">${label}</th><td>${text}</td></tr>`);
  return markup`<table><thead><tr><th scope="col">${what}</th><th scope="col">${value}</th></tr></thead>
<tbody>
${rows}
</tbody></table>`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
