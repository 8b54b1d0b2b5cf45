import { isArchivePath } from '../archive/entry-path.js';
import { STATE_PREFIX } from '../archive/layout.js';
import { hasCode } from '../errors.js';
import { addGap, type GapList } from '../journal/gap-list.js';
import { type LinePlace, Prunes } from '../journal/prunes.js';
import { HashTable } from '../lib/hash-table.js';
import { TaskPool } from '../lib/task-pool.js';
import type { Clock, Disk, ItemEntry, JournalLine, JournalRecord } from '../ports/index.js';
import type { Located } from './byte-ranges.js';
import type { Finding, FindingKind } from './finding.js';
import { MissingFiles } from './missing-files.js';
import type { Sample } from './sample.js';
import { findUnlisted, type ListFiles } from './unlisted.js';
import type { OnlyInS3, Unrelated, Verification } from './verification.js';
import { verifyFile } from './verify-file.js';
import { SegmentVerifier } from './verify-segment.js';

export interface VerifyInput {
  readonly disk: Disk;
  /** The archive folder. */
  readonly directory: string;
  /** Reads the journal's committed lines from the beginning; called again to see what a running watch has added. */
  readonly journal: () => AsyncIterable<JournalRecord>;
  /** Reads what was pruned; called again to see what a prune has removed meanwhile. Default: nothing was. */
  readonly prunes?: () => Promise<Prunes>;
  /** Throws JOURNAL when `watch` would reject the journal, for example because it is shorter than its snapshot says. */
  readonly openJournal?: () => Promise<unknown>;
  /** Lists every file below the archive folder outside `.ttl-archive/`, as a relative path with `/`. */
  readonly files: ListFiles;
  readonly clock: Clock;
  /** The files that are read, and not only looked for; default: all. */
  readonly sample?: Sample | undefined;
  /** Files read concurrently. */
  readonly concurrency?: number;
  readonly onFinding?: (finding: Finding) => void;
  /** Called from time to time with the number of item lines checked. */
  readonly onProgress?: (items: number) => void;
  readonly signal?: AbortSignal;
}

const CONCURRENCY = 16;
/** A range of a segment has up to some megabytes; two at a time keep the disk and the hashing busy. */
const SEGMENT_CONCURRENCY = 2;

/**
 * Checks every item line of the journal against its file, and every file against the journal. Uses about 35 bytes of
 * memory an item. Changes nothing; a watch may run at the same time.
 */
export async function verifyArchive(input: VerifyInput): Promise<Verification> {
  return new Verifier(input).run();
}

class Verifier {
  readonly #input: VerifyInput;
  readonly #pool;
  readonly #segmentPool = new TaskPool(SEGMENT_CONCURRENCY);
  readonly #segments: SegmentVerifier;
  readonly #records = new HashTable();
  readonly #files = new HashTable();
  readonly #findings: Partial<Record<FindingKind, number>> = {};
  readonly #gaps: GapList = { gaps: [], gapCount: 0 };
  readonly #readPrunes: () => Promise<Prunes>;
  readonly #missing: MissingFiles;
  #prunes = new Prunes([]);
  #pruned = 0;
  #page: Located[] = [];
  #onlyInS3: OnlyInS3 = { segments: 0, bytes: 0, to: [] };
  readonly #read = { items: 0, bytes: 0 };
  #items = 0;
  #bytes = 0;
  #lines = 0;

  constructor(input: VerifyInput) {
    this.#input = input;
    this.#pool = new TaskPool(input.concurrency ?? CONCURRENCY);
    const context = {
      prunes: input.prunes ?? (async () => new Prunes([])),
      report: this.#report,
      sample: input.sample,
    };
    this.#readPrunes = context.prunes;
    this.#missing = new MissingFiles(context);
    this.#segments = new SegmentVerifier(input, context);
  }

  async run(): Promise<Verification> {
    const { sample } = this.#input;
    let others: Unrelated | undefined;
    try {
      others = await this.#checkAll();
    } catch (error) {
      if (this.#input.signal?.aborted !== true) throw error;
    }
    return {
      interrupted: others === undefined,
      items: this.#items,
      bytes: this.#bytes,
      journalLines: this.#lines,
      pruned: this.#pruned,
      segments: this.#segments.size,
      onlyInS3: this.#onlyInS3,
      ...(sample !== undefined && { sample: { percent: sample.percent, day: sample.day, ...this.#read } }),
      findings: this.#findings,
      ...this.#gaps,
      unrelated: others?.unrelated ?? 0,
      unreadable: others?.unreadable ?? [],
    };
  }

  async #checkAll(): Promise<Unrelated> {
    const { journal: readJournal, signal } = this.#input;
    this.#prunes = await this.#readPrunes();
    for await (const record of readJournal()) {
      signal?.throwIfAborted();
      this.#lines++;
      const journal = `${record.file}:${record.number}`;
      if ('problem' in record) this.#report({ kind: 'journal', file: record.file, detail: record.problem, journal });
      else await this.#take(record.line, journal, record);
    }
    await this.#pool.drain();
    await this.#missing.report();
    await this.#segmentPool.drain();
    await this.#checkOpening();
    this.#onlyInS3 = await this.#segments.finish(readJournal, signal);
    return findUnlisted({ ...this.#input, listed: this.#files, report: this.#report });
  }

  /** A journal that `watch` rejects is damaged, even when no line shows it. */
  async #checkOpening(): Promise<void> {
    try {
      await this.#input.openJournal?.();
    } catch (error) {
      if (!hasCode(error, 'JOURNAL') && !hasCode(error, 'DISK')) throw error;
      // A damaged line was reported with its number.
      if (this.#findings.journal === undefined) {
        this.#report({ kind: 'journal', file: STATE_PREFIX, detail: error.message });
      }
    }
  }

  readonly #report = (finding: Finding): void => {
    this.#findings[finding.kind] = (this.#findings[finding.kind] ?? 0) + 1;
    this.#input.onFinding?.(finding);
  };

  /** A page is checked at its closing line, which says where the page's segments end. */
  async #take(line: JournalLine, journal: string, place: LinePlace): Promise<void> {
    if (line.type === 'item') {
      const isPruned = this.#prunes.has(line, place);
      if (isPruned) this.#pruned++;
      this.#page.push({ entry: line, journal, place, isPruned });
      return;
    }
    const page = this.#page;
    this.#page = [];
    if (line.type === 'gap') addGap(this.#gaps, line);
    const inSegments: Located[] = [];
    for (const located of page) {
      if (!this.#list(located)) continue;
      const { entry, isPruned } = located;
      const reads = !isPruned && this.#reads(entry);
      if (entry.offset !== undefined) {
        this.#files.set(entry.file);
        inSegments.push(located);
      } else if (!isPruned) await this.#pool.run(() => this.#checkFile(located, reads));
    }
    const lengths = (line.type === 'checkpoint' ? (line.segments ?? []) : []).filter(({ file }) =>
      this.#isInside(file, journal),
    );
    if (line.type === 'checkpoint') this.#segments.addUploaded(line.uploaded ?? []);
    for (const { file } of lengths) this.#files.set(file);
    for (const check of this.#segments.take(inSegments, lengths, journal)) await this.#segmentPool.run(check);
  }

  /** True when the item's file is read, which is counted. */
  #reads({ file, size }: ItemEntry): boolean {
    if (this.#input.sample?.includes(file) === false) return false;
    this.#read.items++;
    this.#read.bytes += size;
    return true;
  }

  async #checkFile(located: Located, reads: boolean): Promise<void> {
    const found = await verifyFile(this.#input, { ...located, reads }, this.#report);
    if (found === 'missing') await this.#missing.add(located);
  }

  /** Counts an item line; false when it must not be read, or was read before. */
  #list({ entry, journal }: Located): boolean {
    this.#items++;
    this.#bytes += entry.size;
    if (this.#items % 1000 === 0) this.#input.onProgress?.(this.#items);
    if (!this.#isInside(entry.file, journal)) return false;
    const isNewRecord = this.#records.set(`${entry.eventID} ${entry.SequenceNumber}`);
    const isNewFile = entry.offset !== undefined || this.#files.set(entry.file);
    if (isNewRecord && isNewFile) return true;
    const detail = isNewRecord ? 'another line lists the same file' : 'another line lists the same record';
    this.#report({ kind: 'listed-twice', file: entry.file, detail, journal });
    return isNewFile;
  }

  #isInside(file: string, journal: string): boolean {
    if (isArchivePath(file)) return true;
    this.#report({ kind: 'journal', file, detail: 'names a file outside the archive', journal });
    return false;
  }
}
