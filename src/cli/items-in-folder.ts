import { hasCode } from '../errors.js';
import type { ArchiveFolder } from '../reading/archive-folder.js';
import { openForReading } from '../reading/verify-folder.js';
import type { Io } from './io.js';

interface Items {
  /** All that are in the journal. */
  readonly all: number;
  /** Of these, without those that were pruned. */
  readonly kept: number;
}

/**
 * How many items an archive folder has, by the journal's snapshot, for a live line; undefined where none is drawn, and for a
 * damaged journal, which whoever reads it reports.
 */
export async function itemsInFolder(folder: ArchiveFolder | undefined, { stderr }: Io): Promise<Items | undefined> {
  if (folder === undefined || stderr.isTTY !== true) return undefined;
  try {
    const { items, pruned } = (await openForReading(folder)).state;
    return { all: items, kept: items - (pruned?.items ?? 0) };
  } catch (error) {
    if (hasCode(error, 'JOURNAL') || hasCode(error, 'DISK')) return undefined;
    throw error;
  }
}
