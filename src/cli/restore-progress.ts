import type { RestoreCounts } from '../restore/restore-input.js';
import { formatCount } from './numbers.js';

/** The counts of a restore so far, and the progress bar that shows them. */
export class RestoreProgress {
  readonly #label: string;
  #counts: RestoreCounts = { restored: 0, skipped: 0, failed: 0, expired: 0 };
  /** Items to restore; undefined when unknown (stdin, files outside an archive). */
  #total: number | undefined = 0;

  constructor(dryRun: boolean) {
    this.#label = dryRun ? 'checked' : 'restored';
  }

  get counts(): RestoreCounts {
    return this.#counts;
  }

  /** Called when the next source begins. */
  begin(count: number | undefined): void {
    this.#total = count === undefined || this.#total === undefined ? undefined : this.#total + count;
  }

  take(counts: RestoreCounts): void {
    this.#counts = { ...counts };
  }

  /** Empty before the first source, when an early error may still end the command. */
  text(): string {
    if (this.#total === 0) return '';
    const { restored, skipped, failed } = this.counts;
    const bar = this.#total === undefined ? '' : `${barOf(restored + skipped + failed, this.#total)}  `;
    const parts = [
      `${formatCount(restored)} ${this.#label}`,
      `${formatCount(skipped)} skipped`,
      `${formatCount(failed)} failed`,
    ];
    return bar + parts.join('  ');
  }
}

function barOf(done: number, total: number): string {
  if (total === 0) return '';
  const share = Math.min(1, done / total);
  return `[${'#'.repeat(Math.round(share * 20)).padEnd(20)}] ${Math.floor(share * 100)}% of ${formatCount(total)}`;
}
