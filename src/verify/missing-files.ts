import type { Prunes } from '../journal/prunes.js';
import type { Located } from './byte-ranges.js';
import type { Finding } from './finding.js';

interface Context {
  /** Reads what was pruned. */
  readonly prunes: () => Promise<Prunes>;
  readonly report: (finding: Finding) => void;
}

/** Missing files that wait for a look at the journal. */
const MAX_WAITING = 10_000;

/**
 * Reports missing files. A prune may be removing files at this moment: it has written to the journal what it prunes before,
 * so that is read again first, for many files at once.
 */
export class MissingFiles {
  readonly #context: Context;
  #waiting: Located[] = [];

  constructor(context: Context) {
    this.#context = context;
  }

  async add(file: Located): Promise<void> {
    this.#waiting.push(file);
    if (this.#waiting.length >= MAX_WAITING) await this.report();
  }

  async report(): Promise<void> {
    const files = this.#waiting;
    if (files.length === 0) return;
    this.#waiting = [];
    const prunes = await this.#context.prunes();
    for (const { entry, journal, place } of files) {
      if (prunes.has(entry, place)) continue;
      this.#context.report({ kind: 'missing', file: entry.file, detail: 'file missing', journal });
    }
  }
}
