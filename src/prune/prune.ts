import { dirname } from 'node:path';
import { isArchivePath } from '../archive/entry-path.js';
import { archivePath, stateFolder } from '../archive/layout.js';
import type { ArchiveFolder } from '../archive/segment-path.js';
import { hasCode } from '../errors.js';
import { openJournal } from '../journal/open-journal.js';
import { readPrunes } from '../journal/prunes.js';
import { readJournal } from '../journal/read-journal.js';
import { TaskPool } from '../lib/task-pool.js';
import type { Clock, Log } from '../ports/index.js';
import { recoverSegments } from '../store/recover-segments.js';
import { type Plan, planPrune } from './plan.js';

export interface PruneContext {
  /** Its disk looks at the lock first, which the caller holds. */
  readonly archive: ArchiveFolder;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

export interface PruneOptions {
  /** ISO 8601: what was deleted before this time is pruned. */
  readonly before: string;
  /** Asked before anything is pruned. */
  readonly confirm: (plan: Plan) => Promise<boolean>;
  /** Called for each removed file. */
  readonly onRemoved: (file: string) => void;
}

/** Files removed concurrently. */
const CONCURRENCY = 16;

/**
 * Prunes what was deleted before a time: first the journal says so, durably, and then the files are removed. Killed in
 * between, the next call removes the rest. Returns what was pruned; undefined when that was not confirmed.
 *
 * @throws TtlArchiveError JOURNAL, DISK, LOCKED, TABLE (see `planPrune`), the signal's reason.
 */
export async function prune(context: PruneContext, options: PruneOptions): Promise<Plan | undefined> {
  const { archive, signal } = context;
  const state = stateFolder(archive.directory);
  const journal = await openJournal({ ...context, disk: archive.disk }, { directory: state });
  try {
    // A killed watch may have left open segments, which are pruned as the others are.
    await recoverSegments(archive, journal);
    const { before, confirm } = options;
    const prunes = await readPrunes(archive, state);
    const plan = await planPrune({ journal: () => readJournal(archive, state), prunes, before, signal });
    if (plan.items === 0 && !plan.hasLeftovers) return plan;
    if (!(await confirm(plan))) return undefined;
    signal.throwIfAborted();
    const { items, bytes } = plan;
    if (items > 0) await journal.commitFacts({ pruned: { before, items, bytes } });
    await removeFiles(context, options);
    await journal.commitFacts({ prunedRemoved: true });
    return plan;
  } finally {
    await journal.close();
  }
}

/** Removes the files of pruned items. When one cannot be removed, the others still are. */
async function removeFiles({ archive, signal }: PruneContext, { onRemoved }: PruneOptions): Promise<void> {
  const { disk, directory } = archive;
  const state = stateFolder(directory);
  const prunes = await readPrunes(archive, state);
  const pool = new TaskPool(CONCURRENCY);
  const segments = new Set<string>();
  const folders = new Set<string>();
  let failure: { readonly error: unknown } | undefined;
  const remove = async (file: string): Promise<void> => {
    try {
      if (await disk.remove(archivePath(directory, file))) onRemoved(file);
    } catch (error) {
      if (!hasCode(error, 'DISK')) throw error;
      failure ??= { error };
    }
  };
  try {
    for await (const record of readJournal(archive, state)) {
      signal.throwIfAborted();
      if ('problem' in record || record.line.type !== 'item' || !prunes.hasPending(record.line, record)) continue;
      const { file, offset } = record.line;
      // A forged journal must not delete a file outside its archive; a segment has many lines.
      if (!isArchivePath(file) || segments.has(file)) continue;
      if (offset !== undefined) segments.add(file);
      folders.add(dirname(archivePath(directory, file)));
      await pool.run(() => remove(file));
    }
  } finally {
    await pool.drain();
  }
  if (failure !== undefined) throw failure.error;
  // The journal must not say that files are removed which a power cut brings back.
  for (const folder of folders) if ((await disk.list(folder)) !== undefined) await disk.syncDirectory(folder);
}
