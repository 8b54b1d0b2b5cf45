import { escapeText } from '../lib/escape.js';
import { shellWord } from '../lib/shell-word.js';
import type { Finding } from '../verify/finding.js';
import type { SampleRead } from '../verify/sample.js';
import type { Verification } from '../verify/verify.js';
import type { ObjectVerification } from '../verify/verify-objects.js';
import type { OnlyInS3 } from '../verify/verify-segment.js';
import { counted, formatBytes, formatCount } from './numbers.js';

/** One mismatch as a line. */
export function findingLine({ kind, file, detail, journal }: Finding): string {
  const where = journal === undefined ? '' : ` (journal ${journal})`;
  return `${escapeText(`${kind.padEnd(12)}  ${file}: ${detail}${where}`)}\n`;
}

/** What was checked in an archive folder. */
export function folderSummary(verification: Verification): string {
  const { items, bytes, segments, gaps, unrelated, unreadable, onlyInS3, sample, pruned } = verification;
  const what = counted(items, 'item') + (segments > 0 ? ` in ${counted(segments, 'segment')}` : '');
  const lines = [
    ...gaps.map(
      ({ ShardId, from, to, reason }) => `gap           ${ShardId}  ${from ?? 'the beginning'} to ${to}: ${reason}`,
    ),
    ...unreadable.map((folder) => `warning       ${folder}: unrelated folder, cannot be listed`),
    ...(unrelated > 0 ? [`${counted(unrelated, 'unrelated file')} ignored`] : []),
    `${what}, ${formatBytes(bytes)}, ${outcomeOf(verification)}`,
    ...sampleLines(sample, items),
    ...(pruned > 0 ? [`${formatCount(pruned)} of these were pruned, and not checked`] : []),
    ...inS3Lines(onlyInS3),
  ];
  return lines.map((text) => `${escapeText(text)}\n`).join('');
}

/** What was not checked, and the commands that check it. */
function inS3Lines({ segments, bytes, to }: OnlyInS3): string[] {
  if (segments === 0) return [];
  const which = `${counted(segments, 'segment')} of these (${formatBytes(bytes)})`;
  return [
    `${which} ${segments === 1 ? 'is' : 'are'} in S3 and not here, and not checked; to check there:`,
    ...to.map((url) => `  ttl-archive verify --out ${shellWord(url)}`),
  ];
}

/** What was checked in an archive in S3. */
export function objectsSummary(verification: ObjectVerification): string {
  const { items, bytes, objects, repeated, withoutManifest, sample } = verification;
  const is = withoutManifest === 1 ? 'has' : 'have';
  return [
    `${counted(items, 'item')} in ${counted(objects, 'object')}, ${formatBytes(bytes)}, ${outcomeOf(verification)}`,
    ...sampleLines(sample, items),
    ...(repeated > 0 ? [`${counted(repeated, 'item')} archived more than once, as retries do: each counts once`] : []),
    ...(withoutManifest > 0
      ? [`${counted(withoutManifest, 'data object')} ${is} no manifest (an interrupted writer): not counted`]
      : []),
  ]
    .map((line) => `${line}\n`)
    .join('');
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
