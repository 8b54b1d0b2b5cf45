import { type ObjectTotals, objectTotals } from '../archive/object-totals.js';
import type { TtlArchiveError } from '../errors.js';
import { escapeText, toJsonLine } from '../lib/escape.js';
import { openObjects } from '../reading/open-archive.js';
import { type FailedOptions, givenUpLines, readGivenUp } from './given-up.js';
import type { Io } from './io.js';
import { counted, formatBytes, formatCount } from './numbers.js';
import { showProgress } from './progress-fields.js';
import { createLiveLine } from './status-line.js';
import { widthOf, wrap } from './wrap.js';

export interface StatusOptions extends FailedOptions {
  readonly out: string;
  readonly table?: string;
  readonly json?: boolean;
  readonly watch?: boolean;
  readonly days?: boolean;
  /** Milliseconds. */
  readonly maxLag?: number;
}

/** `status` of an archive in S3. Throws JOURNAL, after everything else, when a manifest is damaged. */
export async function showObjectStatus(options: StatusOptions, realIo: Io): Promise<void> {
  const { out, json } = options;
  const liveLine = createLiveLine(realIo);
  const { io } = liveLine;
  const storage = await openObjects(out, options, io);
  let damage: TtlArchiveError | undefined;
  let seen = 0;
  showProgress(liveLine, () => ({ done: seen, total: undefined, verb: 'objects' }));
  const totals = await objectTotals({
    storage,
    onDamage: (error) => {
      damage ??= error;
    },
    onProgress: (objects) => {
      seen = objects;
    },
  }).finally(() => liveLine.stop());
  const givenUp = await readGivenUp(storage, options, io);
  if (json === true) io.stdout.write(toJsonLine({ ...totals, givenUp }));
  else {
    io.stdout.write(statusText(totals, { out, columns: widthOf(io.stdout) }));
    for (const line of givenUp === undefined ? [] : givenUpLines(givenUp, options, io.env)) {
      io.stdout.write(`${escapeText(line)}\n`);
    }
  }
  if (damage !== undefined) throw damage;
}

/** The status for people. */
function statusText(
  { days, withoutManifest, ...totals }: ObjectTotals,
  { out, columns }: { out: string; columns: number },
): string {
  const { table, items, objects, bytes, firstDeletedAt, lastDeletedAt } = totals;
  const entries = {
    archive: `${out}: table ${table ?? 'unknown'}`,
    archived: `${counted(items, 'item')} in ${counted(objects, 'object')}, ${formatBytes(bytes)} stored`,
    deleted: firstDeletedAt === undefined ? 'unknown' : `from ${firstDeletedAt} to ${lastDeletedAt ?? ''}`,
    unlisted: `${counted(withoutManifest, 'data object')} without a manifest: not counted`,
    days: formatCount(days.length),
  };
  const lines = Object.entries(entries)
    .filter(([name]) => name !== 'unlisted' || withoutManifest > 0)
    .flatMap(([name, text]) => wrap(name.padEnd(12), escapeText(text), 12, columns));
  const table80 = days.map((day) => {
    const cells = [counted(day.items, 'item').padStart(22), counted(day.objects, 'object').padStart(18)];
    return `  ${day.day}${cells.join('')}${formatBytes(day.bytes).padStart(12)}`;
  });
  return `${[...lines, ...table80.map(escapeText)].join('\n')}\n`;
}
