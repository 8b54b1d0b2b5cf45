import { formatDuration } from '../lib/format-duration.js';
import { systemClock } from '../lib/system-clock.js';
import { type Field, fieldLine } from './field-line.js';
import { formatCount } from './numbers.js';
import { createRate } from './rate.js';
import type { LiveLine } from './status-line.js';

export interface Progress {
  readonly done: number;
  /** Undefined when unknown. */
  readonly total: number | undefined;
  /** What is done to each item: "restored"; of other things with their name: "files removed". */
  readonly verb: string;
  /** Shown behind it. */
  readonly others?: readonly Field[];
}

const BAR = 16;

/** Shows the progress of a command in its live line. */
export function showProgress(liveLine: Pick<LiveLine, 'start'>, progress: () => Progress): void {
  const fields = createProgress(() => systemClock.now());
  liveLine.start((columns) => fieldLine(fields(progress()), columns));
}

/**
 * The live line of work on many items: a bar with the share and the remaining time when the total is known, the count, the
 * rate. Call it each time the line is drawn.
 */
export function createProgress(now: () => number): (progress: Progress) => Field[] {
  const rateOf = createRate(now);
  const startedAt = now();
  return ({ done, total, verb, others = [] }) => {
    const rate = rateOf(done);
    const perSecond: Field = { text: `${formatCount(Math.round(rate))}/s`, rank: 3, width: 7 };
    if (total === undefined || total === 0 || done > total) {
      const elapsed = formatDuration(Math.floor((now() - startedAt) / 1000) * 1000);
      return [
        { text: `${formatCount(done)} ${verb}`, rank: 0, width: 12 },
        perSecond,
        { text: elapsed, rank: 4 },
        ...others,
      ];
    }
    const all = formatCount(total);
    const left = rate > 0 ? formatDuration(Math.ceil((total - done) / rate) * 1000) : '-';
    return [
      { text: `[${'#'.repeat(Math.floor((done / total) * BAR)).padEnd(BAR)}]`, rank: 6 },
      { text: `${Math.floor((done / total) * 100)}%`, rank: 0, width: 4 },
      { text: `${formatCount(done).padStart(all.length)} of ${all} ${verb}`, rank: 1 },
      perSecond,
      { text: `ETA ${left}`, rank: 2, width: 10 },
      ...others,
    ];
  };
}
