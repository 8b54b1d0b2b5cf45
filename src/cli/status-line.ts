import type { WatchProgress } from '../watch.js';
import { formatCount } from './numbers.js';

/** The live line of `watch`: how the shards stand, what was done, how fast, how far behind. */
export function statusText(progress: WatchProgress, archivedPerSecond: number): string {
  const { shards, archived, ignored, lagMs } = progress;
  const skipped = ignored.insert + ignored.modify + ignored.remove + ignored.unknown;
  const lag =
    lagMs === undefined ? '–' : lagMs < 10_000 ? `${(lagMs / 1000).toFixed(1)} s` : `${Math.round(lagMs / 1000)} s`;
  return (
    `${formatCount(shards.open)} shards (${formatCount(shards.behind)} behind)  ` +
    `${formatCount(archived)} archived  ${formatCount(skipped)} ignored  ` +
    `${archivedPerSecond.toFixed(archivedPerSecond < 10 ? 1 : 0)}/s  lag ${lag}`
  );
}

interface Terminal {
  write(text: string): unknown;
  readonly columns?: number;
}

/** One line at the bottom of a terminal that makes way for everything else that is written. */
export class StatusLine {
  readonly #terminal: Terminal;
  #text = '';

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  show(text: string): void {
    this.#text = text.slice(0, Math.max(0, (this.#terminal.columns ?? 80) - 1));
    this.#terminal.write(`\r\u001b[2K${this.#text}`);
  }

  /** Writes something above the line. */
  around(write: () => void): void {
    if (this.#text !== '') this.#terminal.write('\r\u001b[2K');
    write();
    if (this.#text !== '') this.#terminal.write(this.#text);
  }

  clear(): void {
    if (this.#text !== '') this.#terminal.write('\r\u001b[2K');
    this.#text = '';
  }
}
