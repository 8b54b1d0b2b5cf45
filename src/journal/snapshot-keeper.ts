import { randomUUID } from 'node:crypto';
import { TtlArchiveError } from '../errors.js';
import type { Clock, Disk, JournalLine, Log } from '../ports/index.js';
import type { Recovered } from './recover.js';
import { encodeSnapshot, snapshotPath, type Tip } from './snapshot.js';

/** How much an opening may have to read again; a snapshot of 10,000 shards is about 2 MB, so not more often. */
const CLOSING_LINES = 1000;
const LINES = 50_000;
const INTERVAL_MS = 60_000;

export interface SnapshotKeeper {
  /** The journal's end moved to `tip`, and the state holds `lines`. Writes a snapshot in the background when one is due. */
  moved(tip: Tip, lines: readonly JournalLine[]): void;
  /** Waits for the snapshot that is being written; `final` writes one more unless nothing changed. */
  close(final: boolean): Promise<void>;
}

/**
 * Writes checkpoints.json now and then. A snapshot that cannot be written costs time at the next start and nothing
 * else, so that is a warning: the journal itself says when the disk is full.
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

  async function write(): Promise<void> {
    if (tip === undefined) return;
    const content = encodeSnapshot(state, tip);
    closings = 0;
    lines = 0;
    writtenAt = clock.monotonic();
    try {
      await disk.replace(snapshotPath(directory), `${directory}/tmp/checkpoints-${randomUUID()}.json`, content);
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
      const due = closings >= CLOSING_LINES || lines >= LINES || clock.monotonic() - writtenAt >= INTERVAL_MS;
      if (!due || writing !== undefined) return;
      writing = write().finally(() => {
        writing = undefined;
      });
    },
    async close(final) {
      await writing;
      if (final && lines > 0) await write();
    },
  };
}
