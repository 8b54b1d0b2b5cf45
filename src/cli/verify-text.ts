import { escapeText } from '../lib/escape.js';
import { shellWord } from '../lib/shell-word.js';
import type { Finding } from '../verify/finding.js';
import type { SampleRead } from '../verify/sample.js';
import type { ObjectVerification, OnlyInS3, Verification } from '../verify/verification.js';
import { counted, formatBytes, formatCount } from './numbers.js';
import { wrap } from './wrap.js';

/** Columns of the kind of a finding, and of other labels. */
const LABEL = 14;

/** One mismatch as a line. */
export function findingLine({ kind, file, detail, journal }: Finding): string {
  const where = journal === undefined ? '' : ` (journal ${journal})`;
  return `${escapeText(`${kind.padEnd(LABEL)}${file}: ${detail}${where}`)}\n`;
}

/** What was checked in an archive folder, in so many columns. `positionsOnly`: it is one without items. */
export function folderSummary(
  verification: Verification,
  { columns, positionsOnly = false }: { readonly columns: number; readonly positionsOnly?: boolean | undefined },
): string {
  const { items, bytes, segments, gaps, unrelated, unreadable, onlyInS3, sample, pruned, journalLines } = verification;
  const stored = counted(items, 'item') + (segments > 0 ? ` in ${counted(segments, 'segment')}` : '');
  const what = positionsOnly
    ? `positions only, in ${counted(journalLines, 'line')} of the journal`
    : `${stored}, ${formatBytes(bytes)}`;
  const lines: Line[] = [
    ...gaps.map(
      ({ ShardId, from, to, reason }): Line => ({
        label: 'gap',
        text: `${ShardId} from ${from ?? 'its beginning'} to ${to}: ${reason}`,
      }),
    ),
    ...unreadable.map((folder): Line => ({ label: 'warning', text: `${folder}: unrelated folder, cannot be listed` })),
    ...(unrelated > 0 ? [`${counted(unrelated, 'unrelated file')} ignored`] : []),
    `${what}, ${outcomeOf(verification)}`,
    ...sampleLines(sample, items),
    ...(pruned > 0 ? [`${formatCount(pruned)} of these were pruned, and not checked`] : []),
    ...inS3Lines(onlyInS3),
  ];
  return linesText(lines, columns);
}

/** A sentence; a labelled one, whose further lines stand under its text; or a command, which stays on one line. */
type Line = string | { readonly label: string; readonly text: string } | { readonly command: string };

function linesText(lines: readonly Line[], columns: number): string {
  const wrapped = lines.flatMap((line) => {
    if (typeof line === 'string') return wrap('', escapeText(line), 2, columns);
    if ('command' in line) return [`  ${escapeText(line.command)}`];
    return wrap(line.label.padEnd(LABEL), escapeText(line.text), LABEL, columns);
  });
  return wrapped.map((text) => `${text}\n`).join('');
}

/** What was not checked, and the commands that check it. */
function inS3Lines({ segments, bytes, to }: OnlyInS3): Line[] {
  if (segments === 0) return [];
  const which = `${counted(segments, 'segment')} of these (${formatBytes(bytes)})`;
  return [
    `${which} ${segments === 1 ? 'is' : 'are'} in S3 and not here, and not checked; to check there:`,
    ...to.map((url) => ({ command: `ttl-archive verify --out ${shellWord(url)}` })),
  ];
}

/** What was checked in an archive in S3, in so many columns. */
export function objectsSummary(verification: ObjectVerification, columns: number): string {
  const { items, bytes, objects, repeated, withoutManifest, sample } = verification;
  const is = withoutManifest === 1 ? 'has' : 'have';
  const lines = [
    `${counted(items, 'item')} in ${counted(objects, 'object')}, ${formatBytes(bytes)}, ${outcomeOf(verification)}`,
    ...sampleLines(sample, items),
    ...(repeated > 0 ? [`${counted(repeated, 'item')} archived more than once, as retries do: each counts once`] : []),
    ...(withoutManifest > 0
      ? [`${counted(withoutManifest, 'data object')} ${is} no manifest (an interrupted writer): not counted`]
      : []),
  ];
  return linesText(lines, columns);
}

function outcomeOf({ interrupted, findings, sample }: Verification | ObjectVerification): string {
  if (interrupted) return 'checked: interrupted before the end';
  if (Object.keys(findings).length > 0) return 'checked';
  return sample === undefined ? 'verified: all intact' : 'verified: what was read is intact';
}

function sampleLines(sample: SampleRead | undefined, items: number): string[] {
  if (sample === undefined) return [];
  const { percent, day, bytes } = sample;
  return [
    `sample of ${percent}% for ${day}: read ${counted(sample.items, 'item')} of ${formatCount(items)}, ${formatBytes(bytes)}`,
  ];
}
