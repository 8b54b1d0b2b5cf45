import type { ArchiveBytes } from './archive-bytes.js';
import {
  findStrayBytes,
  ItemBytes,
  type OracleGap,
  type OracleItem,
  type OracleLine,
  readJournalLines,
  sha256,
} from './archive-oracle.js';
import { DroppedAudit } from './dropped-audit.js';
import type { PutRecord } from './streams-server/stream-model.js';

/** A deletion that has to be in the archive. */
export interface ExpectedDeletion {
  readonly ShardId: string;
  readonly SequenceNumber: string;
  readonly eventID: string;
  /** The item as it was sent. */
  readonly body: string;
  /** Epoch milliseconds at which it came into the stream. */
  readonly at: number;
}

/** What a record that was put has to become. */
export function expectedOf({ ShardId, SequenceNumber, eventID, json }: PutRecord, at: number): ExpectedDeletion {
  return { ShardId, SequenceNumber, eventID, body: JSON.stringify(JSON.parse(json).dynamodb.OldImage), at };
}

export interface AuditCounts {
  expected: number;
  archived: number;
  /** Neither archived nor covered by a gap. */
  missing: number;
  duplicated: number;
  /** Files or lines whose bytes are not those of the item. */
  halfWritten: number;
  /** Gap lines of the journal for which the stream did trim something. */
  gapsExplained: number;
  gapsUnexplained: number;
}

export interface Audit extends AuditCounts {
  /** Everything that is not as promised, in sentences; empty: the promise was kept. */
  readonly problems: readonly string[];
}

export interface AuditInput {
  readonly archive: ArchiveBytes;
  /** Of each shard in the order of the stream. */
  readonly expected: readonly ExpectedDeletion[];
  readonly parentOf: (ShardId: string) => string | undefined;
  /** The stream that a shard belongs to; needed where a stream may be lost before any of its shards was seen. */
  readonly streamOf?: (ShardId: string) => string | undefined;
  /** Parents that the stream still has: their end has to be in the journal before a child's items. */
  readonly mustEndFirst?: (ShardId: string) => boolean;
  /** Epoch milliseconds up to which the stream ever trimmed; absent: it never did. */
  readonly trimmedUpTo?: number | undefined;
}

export const NO_COUNTS: AuditCounts = {
  expected: 0,
  archived: 0,
  missing: 0,
  duplicated: 0,
  halfWritten: 0,
  gapsExplained: 0,
  gapsUnexplained: 0,
};

export function addCounts(sum: AuditCounts, more: AuditCounts): void {
  sum.expected += more.expected;
  sum.archived += more.archived;
  sum.missing += more.missing;
  sum.duplicated += more.duplicated;
  sum.halfWritten += more.halfWritten;
  sum.gapsExplained += more.gapsExplained;
  sum.gapsUnexplained += more.gapsUnexplained;
}

/** A gap may reach a minute beyond the trim horizon: that moves on while the reading begins anew. */
const SLACK = 60_000;

/** Holds an archive against the stream that it was made of, line by line of its journal. */
export async function auditArchive(input: AuditInput): Promise<Audit> {
  const auditor = new Auditor(input);
  const { lines, problems } = await readJournalLines(input.archive);
  auditor.problems.push(...problems);
  const dropped = new DroppedAudit((ShardId) => input.mustEndFirst?.(ShardId) ?? false);
  for (const line of lines) {
    dropped.take(line);
    await auditor.take(line);
  }
  auditor.problems.push(...dropped.problems);
  auditor.takeStray(await findStrayBytes(input.archive, lines));
  return auditor.finish();
}

class Auditor {
  readonly problems: string[] = [];
  readonly #input: AuditInput;
  readonly #figures: AuditCounts = { ...NO_COUNTS };
  readonly #byEvent = new Map<string, ExpectedDeletion>();
  readonly #byShard = new Map<string, ExpectedDeletion[]>();
  readonly #passed = new Map<string, number>();
  readonly #archived = new Set<string>();
  readonly #ended = new Set<string>();
  readonly #positions = new Map<string, string>();
  readonly #gaps: OracleGap[] = [];
  readonly #bytes: ItemBytes;

  constructor(input: AuditInput) {
    this.#input = input;
    this.#bytes = new ItemBytes(input.archive);
    this.#figures.expected = input.expected.length;
    for (const expected of input.expected) {
      this.#byEvent.set(expected.eventID, expected);
      const shard = this.#byShard.get(expected.ShardId);
      if (shard === undefined) this.#byShard.set(expected.ShardId, [expected]);
      else shard.push(expected);
    }
  }

  async take(line: OracleLine): Promise<void> {
    if (line.type === 'item') await this.#takeItem(line);
    else if (line.type === 'checkpoint') this.#takeCheckpoint(line.ShardId, line.position);
    else if (line.type === 'gap') this.#takeGap(line);
  }

  takeStray(stray: readonly string[]): void {
    // What was written and not committed when its record was trimmed is a whole file that nobody lists.
    const counted = this.#input.trimmedUpTo === undefined ? stray : stray.filter((one) => !one.startsWith('unlisted'));
    this.#figures.halfWritten += counted.length;
    this.problems.push(...counted);
  }

  finish(): Audit {
    for (const expected of this.#byEvent.values()) {
      if (this.#archived.has(expected.eventID) || this.#isExplained(expected)) continue;
      this.#figures.missing++;
      this.problems.push(`missing: ${expected.SequenceNumber} of ${expected.ShardId}`);
    }
    return { ...this.#figures, problems: this.problems };
  }

  async #takeItem(entry: OracleItem): Promise<void> {
    const { eventID, ShardId, SequenceNumber } = entry;
    const name = `${SequenceNumber} of ${ShardId}`;
    if (this.#archived.has(eventID)) {
      this.#figures.duplicated++;
      this.problems.push(`duplicated: ${name}`);
      return;
    }
    this.#archived.add(eventID);
    this.#figures.archived++;
    const expected = this.#byEvent.get(eventID);
    if (expected === undefined || expected.ShardId !== ShardId || expected.SequenceNumber !== SequenceNumber) {
      this.problems.push(`never put: ${name}`);
      return;
    }
    if (!(await this.#holds(entry, expected.body))) {
      this.#figures.halfWritten++;
      this.problems.push(`other bytes: ${name} in ${entry.file}`);
    }
    const parent = this.#input.parentOf(ShardId);
    if (parent !== undefined && !this.#ended.has(parent) && this.#input.mustEndFirst?.(parent) !== false) {
      this.problems.push(`child first: ${name}, before the end of ${parent}`);
    }
  }

  /** The bytes on the disk, and the hash of them in the journal, are those of the item. */
  async #holds(entry: OracleItem, body: string): Promise<boolean> {
    const text = entry.offset === undefined ? `${body}\n` : `{"Item":${body}}`;
    if (entry.sha256 !== sha256(text) || entry.size !== Buffer.byteLength(text)) return false;
    return (await this.#bytes.of(entry)) === text;
  }

  #takeCheckpoint(ShardId: string, position: string): void {
    if (!/^(?:TRIM_HORIZON|LATEST|SHARD_END|\d{1,40})$/.test(position)) {
      this.problems.push(`broken position: ${ShardId}`);
      return;
    }
    const before = this.#positions.get(ShardId);
    if (isBackwards(before, position)) this.problems.push(`backwards: ${ShardId} from ${before} to ${position}`);
    this.#positions.set(ShardId, position);
    if (position === 'SHARD_END') this.#ended.add(ShardId);
    if (position === 'TRIM_HORIZON' || position === 'LATEST') return;
    const all = this.#byShard.get(ShardId) ?? [];
    let index = this.#passed.get(ShardId) ?? 0;
    for (let next = all[index]; next !== undefined; next = all[++index]) {
      if (position !== 'SHARD_END' && BigInt(next.SequenceNumber) > BigInt(position)) break;
      if (!this.#archived.has(next.eventID) && !this.#isExplained(next)) {
        this.problems.push(`passed over: ${next.SequenceNumber} of ${ShardId} by the checkpoint ${position}`);
      }
    }
    this.#passed.set(ShardId, index);
  }

  #takeGap(gap: OracleGap): void {
    this.#gaps.push(gap);
    const { trimmedUpTo } = this.#input;
    if (trimmedUpTo !== undefined && Date.parse(gap.from ?? gap.to) <= trimmedUpTo + SLACK) {
      this.#figures.gapsExplained++;
      return;
    }
    this.#figures.gapsUnexplained++;
    this.problems.push(`gap without a reason: ${JSON.stringify(gap)}`);
  }

  /** A gap of the shard, or of one before it: of shards that came and went unseen only others of the family are known. */
  #isExplained({ ShardId, at }: ExpectedDeletion): boolean {
    const { parentOf, streamOf } = this.#input;
    for (let shard: string | undefined = ShardId; shard !== undefined; shard = parentOf(shard)) {
      for (const gap of this.#gaps) {
        if (Date.parse(gap.from ?? '1970') > at || at > Date.parse(gap.to)) continue;
        if (gap.scope === 'stream' && gap.stream === streamOf?.(shard)) return true;
        if (gap.ShardId === shard || (gap.scope === 'siblings' && parentOf(gap.ShardId) === shard)) return true;
        if (gap.scope === 'ancestors' && this.#descends(gap.ShardId, shard)) return true;
      }
    }
    return false;
  }

  #descends(ShardId: string, from: string): boolean {
    const { parentOf } = this.#input;
    let shard = parentOf(ShardId);
    while (shard !== undefined && shard !== from) shard = parentOf(shard);
    return shard === from;
  }
}

function isBackwards(before: string | undefined, position: string): boolean {
  if (before === undefined || before === 'TRIM_HORIZON' || before === 'LATEST') return false;
  if (before === 'SHARD_END') return position !== 'SHARD_END';
  if (position === 'SHARD_END') return false;
  return !/^\d+$/.test(position) || BigInt(position) < BigInt(before);
}
