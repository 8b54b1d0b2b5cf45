import { join } from 'node:path';
import type { Clock, Disk, JournalRecord } from '../ports.js';
import { looksArchived, STATE_FOLDER } from './entry-path.js';
import type { Finding } from './finding.js';
import type { HashTable } from './hash-table.js';

interface UnlistedInput {
  readonly disk: Disk;
  readonly directory: string;
  readonly journal: () => AsyncIterable<JournalRecord>;
  readonly files: () => AsyncIterable<string>;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** Files that the journal has listed so far; grows. */
  readonly listed: HashTable;
  readonly report: (finding: Finding) => void;
}

/** More unlisted files than a running watch can have written meanwhile are told at once: they would fill the memory. */
const MOST_CANDIDATES = 100_000;
/** A watch commits what it has written well within this time. */
const COMMIT_WAIT = 500;
const COMMIT_WAITS = 6;

/**
 * Tells of files that no journal line lists. A running watch writes a file before the journal lists it, so the journal
 * is read again before a file is called unlisted, and while the lock is there a few times more.
 */
export async function findUnlisted(input: UnlistedInput): Promise<{ foreign: number }> {
  let foreign = 0;
  let candidates: string[] = [];
  for await (const file of input.files()) {
    input.signal?.throwIfAborted();
    if (input.listed.has(file)) continue;
    if (!looksArchived(file)) foreign++;
    else if (candidates.length < MOST_CANDIDATES) candidates.push(file);
    else reportUnlisted(input, file);
  }
  for (let waits = 0; candidates.length > 0; waits++) {
    await listAgain(input);
    candidates = candidates.filter((file) => !input.listed.has(file));
    if (candidates.length === 0 || waits >= COMMIT_WAITS || !(await isLocked(input))) break;
    await input.clock.sleep(COMMIT_WAIT, input.signal);
    input.signal?.throwIfAborted();
  }
  for (const file of candidates) reportUnlisted(input, file);
  return { foreign };
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
  return (await disk.size(join(directory, STATE_FOLDER, 'lock'))) !== undefined;
}
