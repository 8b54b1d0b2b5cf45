import { prune } from '../../../src/prune/prune.js';
import { type Fields, fieldsOf } from '../../support/documented-reader.js';
import type { MemoryDisk } from '../../support/memory-disk.js';
import { notedLog } from '../../support/noted-log.js';
import { simulatedClock } from '../../support/simulated-clock.js';

export const OUT = '/archive';
export const STATE = `${OUT}/.ttl-archive`;

/** Between the two runs of `makeArchive`: the first half of its items was deleted before. */
export const BETWEEN = '2026-11-23T20:00:00.000Z';
/** After both runs. */
export const AFTER = '2026-11-25T00:00:00.000Z';

/** Prunes without a lock; returns how many files were removed, or undefined when it was not confirmed. */
export async function pruneDisk(
  disk: MemoryDisk,
  before: string,
  { confirm = true, signal = new AbortController().signal } = {},
): Promise<{ items: number; removed: number } | undefined> {
  let removed = 0;
  const plan = await prune(
    { archive: { disk, directory: OUT }, clock: simulatedClock(), log: notedLog(), signal },
    { before, confirm: async () => confirm, onRemoved: () => void removed++ },
  );
  return plan && { items: plan.items, removed };
}

/** The item lines of the journal, read without the program. */
export function itemLines(disk: MemoryDisk): Fields[] {
  return journalLines(disk).filter(({ type }) => type === 'item');
}

export function journalLines(disk: MemoryDisk): Fields[] {
  return disk
    .paths()
    .filter((path) => path.startsWith(`${STATE}/journal/`))
    .flatMap((path) => (disk.content(path) ?? '').toString().split('\n').slice(0, -1).map(fieldsOf));
}

/** The files of items that lie in the archive folder. */
export function itemFiles(disk: MemoryDisk): string[] {
  return disk
    .paths()
    .filter((path) => !path.startsWith(`${STATE}/`))
    .map((path) => path.slice(OUT.length + 1));
}

/** The files that hold an item that was deleted at or after this time. */
export function filesSince(disk: MemoryDisk, time: string): string[] {
  const kept = itemLines(disk).filter(({ deletedAt }) => String(deletedAt) >= time);
  return [...new Set(kept.map(({ file }) => String(file)))].toSorted();
}
