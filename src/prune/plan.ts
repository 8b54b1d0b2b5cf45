import { isItemBefore, isSegmentBefore } from '../archive/pruned.js';
import { TtlArchiveError } from '../errors.js';
import type { Prunes } from '../journal/prunes.js';
import type { Checkpoint, JournalRecord } from '../ports/index.js';

export interface PruneInput {
  /** Reads the journal's committed lines from the beginning. */
  readonly journal: () => AsyncIterable<JournalRecord>;
  readonly prunes: Prunes;
  /** ISO 8601: what was deleted before this time is pruned. */
  readonly before: string;
  readonly signal: AbortSignal;
}

/** What a prune would remove. */
export interface Plan {
  readonly items: number;
  readonly bytes: number;
  /** 0 in an archive of files. */
  readonly segments: number;
  /** An earlier prune may have ended before it removed all its files. */
  readonly hasLeftovers: boolean;
}

/**
 * Counts what a prune would remove. Throws JOURNAL when a line cannot be read, because the journal decides what is removed,
 * and TABLE when an archive that is uploaded to S3 has segments that are old enough and not there yet.
 */
export async function planPrune({ journal, prunes, before, signal }: PruneInput): Promise<Plan> {
  let [items, bytes] = [0, 0];
  const segments = new Set<string>();
  const uploads = new Uploads(before);
  for await (const record of journal()) {
    signal.throwIfAborted();
    if ('problem' in record) throw damaged(record);
    const { line } = record;
    if (line.type === 'checkpoint') uploads.take(line);
    if (line.type !== 'item' || !isItemBefore(line, before) || prunes.has(line, record)) continue;
    items++;
    bytes += line.size;
    if (line.offset !== undefined) segments.add(line.file);
  }
  uploads.check(segments);
  return { items, bytes, segments: segments.size, hasLeftovers: prunes.isPending };
}

/** The segments in S3. Only those that may be pruned are kept. */
class Uploads {
  readonly #before: string;
  readonly #files = new Set<string>();
  #isUploading = false;

  constructor(before: string) {
    this.#before = before;
  }

  take({ uploaded = [] }: Checkpoint): void {
    if (uploaded.length > 0) this.#isUploading = true;
    for (const { file } of uploaded) if (isSegmentBefore(file, this.#before)) this.#files.add(file);
  }

  check(segments: ReadonlySet<string>): void {
    if (!this.#isUploading) return;
    const missing = [...segments].filter((file) => !this.#files.has(file)).length;
    if (missing === 0) return;
    throw new TtlArchiveError(
      'TABLE',
      `${missing} of the ${segments.size} segments that would be pruned ${missing === 1 ? 'is' : 'are'} not in S3 yet.`,
      { remedy: 'Let "ttl-archive watch --upload" finish its uploads first, or prune less.' },
    );
  }
}

function damaged({ file, number, problem }: Extract<JournalRecord, { problem: string }>): TtlArchiveError {
  return new TtlArchiveError('JOURNAL', `Line ${number} of the journal's file ${file} ${problem}.`, {
    remedy: 'Nothing is pruned by a damaged journal: restore it from a backup. `verify` lists all the damage.',
  });
}
