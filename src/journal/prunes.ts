import { isItemBefore } from '../archive/pruned.js';
import type { Disk, ItemEntry, JournalRecord } from '../ports/index.js';
import { searchJournal } from './search-journal.js';

/** A line of the journal. */
export interface LinePlace {
  /** Name of the journal's file. */
  readonly file: string;
  /** Counted from 1. */
  readonly number: number;
}

interface Prune extends LinePlace {
  readonly before: string;
  /** A later line says that the files are removed. */
  readonly isRemoved: boolean;
}

/** What was pruned. */
export class Prunes {
  readonly #prunes: readonly Prune[];

  constructor(prunes: readonly Prune[]) {
    this.#prunes = prunes;
  }

  /** Some files of pruned items may not be removed yet. */
  get isPending(): boolean {
    return this.#prunes.some(({ isRemoved }) => !isRemoved);
  }

  /** True when the item of this line was pruned. */
  has(entry: ItemEntry, line: LinePlace): boolean {
    return this.#prunes.some((prune) => covers(prune, entry, line));
  }

  /** True when it was, and its file may not be removed yet. */
  hasPending(entry: ItemEntry, line: LinePlace): boolean {
    const prunes = this.#prunes.filter((prune) => covers(prune, entry, line));
    return prunes.length > 0 && !prunes.some(({ isRemoved }) => isRemoved);
  }
}

/** An item that was archived after a prune is not pruned by it, however early it was deleted. */
function covers({ file, number, before }: Prune, entry: ItemEntry, line: LinePlace): boolean {
  const isEarlier = line.file < file || (line.file === file && line.number < number);
  return isEarlier && isItemBefore(entry, before);
}

const ABOUT_PRUNED = ['"pruned":{"before":', '"prunedRemoved":true'].map((text) => Buffer.from(text));

/** What the journal in `directory` says was pruned. Other lines are not parsed. Throws DISK. */
export async function readPrunes({ disk }: { disk: Disk }, directory: string): Promise<Prunes> {
  let prunes: Prune[] = [];
  for await (const record of searchJournal({ disk }, directory, { needles: ABOUT_PRUNED })) {
    if ('problem' in record || record.line.type !== 'checkpoint') continue;
    const { pruned, prunedRemoved } = record.line;
    const { file, number } = record;
    if (pruned !== undefined) prunes.push({ file, number, before: pruned.before, isRemoved: false });
    if (prunedRemoved === true) prunes = withoutSuperfluous(prunes).map((prune) => ({ ...prune, isRemoved: true }));
  }
  return new Prunes(prunes);
}

/** Without those that a later one of the same time, or of a later one, covers. */
function withoutSuperfluous(prunes: readonly Prune[]): Prune[] {
  return prunes.filter(({ before }, index) =>
    prunes.slice(index + 1).every((later) => Date.parse(later.before) < Date.parse(before)),
  );
}

/** The records of a journal without the items that were pruned. */
export async function* withoutPruned(
  journal: AsyncIterable<JournalRecord>,
  prunes: Prunes,
): AsyncGenerator<JournalRecord> {
  for await (const record of journal) {
    if ('line' in record && record.line.type === 'item' && prunes.has(record.line, record)) continue;
    yield record;
  }
}
