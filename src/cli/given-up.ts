import { type NextCommand, TtlArchiveError } from '../errors.js';
import { isS3Url, parseS3Url } from '../lib/s3-location.js';
import type { ObjectStorage } from '../ports/index.js';
import { openStorage } from '../reading/open-storage.js';
import { notedFacts } from '../replay/noted-facts.js';
import { type OpenGap, openGaps } from '../replay/open-gaps.js';
import type { Io } from './io.js';
import { commandLines } from './next-commands.js';
import { counted } from './numbers.js';
import type { S3Options } from './s3-options.js';

export interface FailedOptions extends S3Options {
  readonly failed?: string;
}

/** The batches that AWS Lambda gave up on and that are not in the archive: a gap. Its texts are untrusted. */
export interface GivenUp {
  /** The on-failure destination. */
  readonly failed: string;
  readonly batches: number;
  readonly records: number;
  /** The first ones. */
  readonly gaps: readonly OpenGap[];
  /** Why it is not known what there is. */
  readonly problem?: string;
}

/** Bounds the memory; the counts are complete. */
const MAX_GAPS = 10_000;

/** Throws USAGE when `--failed` is given for a folder. */
export function checkFailed({ out, failed }: Pick<FailedOptions, 'failed'> & { readonly out: string }): void {
  if (failed === undefined || isS3Url(out)) return;
  throw new TtlArchiveError('USAGE', '--failed needs an archive in S3.', {
    remedy: 'Leave it out: the journal of an archive folder lists its gaps.',
  });
}

/**
 * What AWS Lambda gave up on and is not in this archive in S3; undefined when nothing says where that would be. A place that
 * the archive notes and that cannot be read is a `problem`; for `--failed` it throws what the storage throws.
 */
export async function readGivenUp(
  archive: ObjectStorage,
  options: FailedOptions,
  io: Pick<Io, 'signal'>,
): Promise<GivenUp | undefined> {
  const { table, failed: noted } = await notedFacts(archive);
  const failed = options.failed ?? noted;
  if (failed === undefined) return undefined;
  const gaps: OpenGap[] = [];
  const counts = { batches: 0, records: 0 };
  try {
    const place = { storage: await openStorage(failed, options, io), location: parseS3Url(failed) };
    for await (const gap of openGaps(place, archive, table)) {
      counts.batches++;
      counts.records += gap.records ?? 0;
      if (gaps.length < MAX_GAPS) gaps.push(gap);
    }
  } catch (error) {
    if (options.failed !== undefined || io.signal.aborted || !(error instanceof TtlArchiveError)) throw error;
    return { failed, ...counts, gaps, problem: error.message };
  }
  return { failed, ...counts, gaps };
}

/** For people, not yet escaped: a line a gap, what there is in all, and how to archive it. */
export function givenUpLines(
  { failed, batches, records, gaps, problem }: GivenUp,
  options: FailedOptions & { readonly out: string },
  env: Io['env'],
): string[] {
  const replay: NextCommand = { program: 'ttl-archive', args: ['replay', failed, '--out', options.out] };
  const is = batches === 1 ? 'is' : 'are';
  return [
    ...gaps.map(gapLine),
    ...(batches === 0
      ? []
      : [
          `${counted(batches, 'batch')} that AWS Lambda gave up on (${counted(records, 'record')}) ${is} not in the archive; to archive:`,
          ...commandLines([replay], options, env).map((line) => `  ${line}`),
        ]),
    ...(problem === undefined ? [] : [`warning       what AWS Lambda gave up on is unknown: ${problem}`]),
  ];
}

function gapLine({ key, shardId, records, firstAt, lastAt }: OpenGap): string {
  if (shardId === undefined) return `gap           ${key}: cannot be read`;
  return `gap           ${shardId}  ${firstAt} to ${lastAt}: ${counted(records ?? 0, 'record')} in ${key}`;
}
