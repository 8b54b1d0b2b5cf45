import { looksArchived } from '../archive/entry-path.js';
import { isPartition, lockFile, stateFolder } from '../archive/layout.js';
import type { HashTable } from '../lib/hash-table.js';
import type { Clock, Disk, JournalRecord } from '../ports/index.js';
import type { Finding } from './finding.js';
import type { Unrelated } from './verification.js';

/** Lists every file below the archive folder, and reports folders that cannot be listed. */
export type ListFiles = (
  onUnreadable: (unreadable: { readonly folder: string; readonly error: Error }) => void,
) => AsyncIterable<string>;

interface UnlistedInput {
  readonly disk: Disk;
  readonly directory: string;
  readonly journal: () => AsyncIterable<JournalRecord>;
  readonly files: ListFiles;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** Files that the journal has listed so far; more are added. */
  readonly listed: HashTable;
  readonly report: (finding: Finding) => void;
}

/** More files than a running watch can have in flight. Any beyond these are reported at once, to save memory. */
const MAX_CANDIDATES = 100_000;
const MAX_UNREADABLE = 1000;
/** Milliseconds, and their number: a watch commits what it has written well within this time. */
const COMMIT_WAIT = 500;
const MAX_WAITS = 6;

/**
 * Reports files that no journal line lists. A running watch writes a file before the journal lists it, so the journal is
 * read again before a file is reported, and several times while the archive is locked.
 */
export async function findUnlisted(input: UnlistedInput): Promise<Unrelated> {
  let unrelated = 0;
  let candidates: string[] = [];
  const unreadable: string[] = [];
  const files = input.files(({ folder, error }) => {
    // Only the layout's folders can have archived items; any other folder is not ours.
    if (isPartition(folder)) input.report({ kind: 'unreadable', file: folder, detail: error.message });
    else if (unreadable.length < MAX_UNREADABLE) unreadable.push(folder);
  });
  for await (const file of files) {
    input.signal?.throwIfAborted();
    if (input.listed.has(file)) continue;
    if (!looksArchived(file)) unrelated++;
    else if (candidates.length < MAX_CANDIDATES) candidates.push(file);
    else reportUnlisted(input, file);
  }
  for (let waits = 0; candidates.length > 0; waits++) {
    await listAgain(input);
    candidates = candidates.filter((file) => !input.listed.has(file));
    if (candidates.length === 0 || waits >= MAX_WAITS || !(await isLocked(input))) break;
    await input.clock.sleep(COMMIT_WAIT, input.signal);
    input.signal?.throwIfAborted();
  }
  for (const file of candidates) reportUnlisted(input, file);
  return { unrelated, unreadable };
}

function reportUnlisted(input: UnlistedInput, file: string): void {
  input.report({ kind: 'unlisted', file, detail: 'no journal line lists this file' });
}

async function listAgain({ journal, listed, signal }: UnlistedInput): Promise<void> {
  for await (const record of journal()) {
    signal?.throwIfAborted();
    if ('problem' in record) continue;
    const { line } = record;
    if (line.type === 'item') listed.set(line.file);
    if (line.type === 'checkpoint') for (const { file } of line.segments ?? []) listed.set(file);
  }
}

async function isLocked({ disk, directory }: UnlistedInput): Promise<boolean> {
  const lock = await disk.size(lockFile(stateFolder(directory))).catch(() => undefined);
  return lock !== undefined;
}
