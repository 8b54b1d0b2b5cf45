import type { RestoreCounts } from '../restore/restore-counts.js';
import { type Field, fieldLine } from './field-line.js';
import { formatCount } from './numbers.js';
import { createProgress } from './progress-fields.js';

/** The counts of a restore so far, and the live line that shows them. */
export class RestoreProgress {
  readonly #verb: string;
  readonly #fields;
  #counts: RestoreCounts = { restored: 0, skipped: 0, failed: 0, expired: 0 };
  /** Items to restore; undefined when unknown (stdin, files outside an archive). */
  #total: number | undefined = 0;

  constructor(dryRun: boolean, now: () => number) {
    this.#verb = dryRun ? 'checked' : 'done';
    this.#fields = createProgress(now);
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
  text(columns: number): string {
    if (this.#total === 0) return '';
    const { restored, skipped, failed } = this.counts;
    const others: Field[] = [
      ...(skipped > 0 ? [{ text: `${formatCount(skipped)} skipped`, rank: 7 }] : []),
      ...(failed > 0 ? [{ text: `${formatCount(failed)} failed`, rank: 1 }] : []),
    ];
    const done = restored + skipped + failed;
    return fieldLine(this.#fields({ done, total: this.#total, verb: this.#verb, others }), columns);
  }
}
