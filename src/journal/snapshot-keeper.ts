import { randomUUID } from 'node:crypto';
import { snapshotFile, temporaryFolder } from '../archive/layout.js';
import { TtlArchiveError } from '../errors.js';
import type { Clock, Disk, JournalLine, Log } from '../ports/index.js';
import { encodeSnapshot } from './encode-snapshot.js';
import { MAX_SNAPSHOT } from './limits.js';
import type { Recovered } from './recover.js';
import type { Tip } from './snapshot.js';

/** Limits of what an opening may have to read again. */
const CLOSING_LINES = 1000;
const LINES = 50_000;
/** A snapshot of up to this many shards (about 250 KB) is written without regard to the number of lines. */
const SMALL = 1000;
const INTERVAL_MS = 60_000;
/** Lines a shard for which a final snapshot is written: reading a line takes some ten times as long as reading a shard. */
const WORTH_AT_THE_END = 0.1;

export interface SnapshotKeeper {
  /** To be called when `lines` were committed and the journal ends at `tip`. Writes a snapshot in the background when due. */
  moved(tip: Tip, lines: readonly JournalLine[]): void;
  /** Waits for the snapshot being written; `final` writes another one when enough has changed. */
  close(final: boolean): Promise<void>;
}

/**
 * Writes checkpoints.json from time to time: a large one only after as many lines as it has shards, so that it costs no
 * more than those lines did. A failure is only a warning, because it only makes the next start slower; when the disk is
 * full, the journal's own write fails.
 */
export function snapshotKeeper(
  { disk, clock, log }: { disk: Disk; clock: Clock; log?: Log | undefined },
  directory: string,
  recovered: Recovered,
): SnapshotKeeper {
  const { state } = recovered;
  let { tip, linesRead: lines } = recovered;
  let closings = 0;
  let writtenAt = clock.monotonic();
  let writing: Promise<void> | undefined;

  const shards = (): number => [...state.checkpoints.values()].reduce((count, { size }) => count + size, 0);

  function isDue(): boolean {
    const size = shards();
    if (lines < size && size > SMALL) return false;
    return closings >= CLOSING_LINES || lines >= LINES || clock.monotonic() - writtenAt >= INTERVAL_MS;
  }

  async function write(): Promise<void> {
    if (tip === undefined) return;
    closings = 0;
    lines = 0;
    writtenAt = clock.monotonic();
    try {
      const content = await encodeSnapshot(state, tip);
      if (content === undefined) throw new TtlArchiveError('DISK', `It would have more than ${MAX_SNAPSHOT} bytes.`);
      const temporary = `${temporaryFolder(directory)}/checkpoints-${randomUUID()}.json`;
      await disk.replace(snapshotFile(directory), temporary, content);
    } catch (error) {
      const reason = error instanceof TtlArchiveError ? error.message : String(error);
      log?.warn({ event: 'snapshot.failed', reason }, 'the snapshot of the checkpoints was not written');
    }
  }

  return {
    moved(newTip, newLines) {
      tip = newTip;
      lines += newLines.length;
      for (const line of newLines) if (line.type !== 'item') closings += 1;
      if (writing !== undefined || !isDue()) return;
      writing = write().finally(() => {
        writing = undefined;
      });
    },
    async close(final) {
      await writing;
      const size = shards();
      if (final && lines > 0 && (lines >= size * WORTH_AT_THE_END || size <= SMALL)) await write();
    },
  };
}
