import { TtlArchiveError } from '../errors.js';
import type { Checkpoint, Clock, Disk, Journal, JournalLine, JournalPlace, Log, StorageFacts } from '../ports/index.js';
import { isCommit, segmentLine } from './commit-lines.js';
import { dayFile } from './day-file.js';
import { applyLine } from './journal-state.js';
import type { Recovered } from './recover.js';
import { snapshotKeeper } from './snapshot-keeper.js';

/** Milliseconds that a lazy checkpoint waits for a commit (`Journal.checkpointLazily`: "within a second"). */
export const LAZY_DELAY = 1000;

interface WaitingFacts {
  readonly facts: StorageFacts;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface Waiting {
  readonly lines: readonly JournalLine[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** The only writer of a recovered journal. Commits that wait while the disk is busy share the next write. */
export function journalWriter(
  context: { disk: Disk; clock: Clock; log?: Log | undefined },
  directory: string,
  recovered: Recovered,
): Journal {
  const { clock } = context;
  const { state } = recovered;
  const snapshots = snapshotKeeper(context, directory, recovered);
  const file = dayFile(context, directory, recovered);
  const lazy = new Map<string, Checkpoint>();
  let waiting: Waiting[] = [];
  let waitingFacts: WaitingFacts[] = [];
  let end: JournalPlace | undefined = recovered.tip;
  let flushing: Promise<void> | undefined;
  let lazyTimer: AbortController | undefined;
  /** The disk's first failure: nothing is written after it, because the content of the disk is not known. */
  let failure: { readonly error: unknown } | undefined;
  let closing: Promise<void> | undefined;

  /** Starts flushAll unless it is running. It never rejects: `flush` rejects the commits. */
  function wake(): Promise<void> {
    flushing ??= flushAll();
    return flushing;
  }

  async function flushAll(): Promise<void> {
    // All commits of this turn of the event loop share the first write.
    await Promise.resolve();
    while (waiting.length > 0 || waitingFacts.length > 0) await flush();
    flushing = undefined;
  }

  async function flush(): Promise<void> {
    const commits = [...waitingFacts, ...waiting];
    const [facts, pages] = [waitingFacts, waiting];
    waiting = [];
    waitingFacts = [];
    try {
      // The copied checkpoint must be its shard's last one: so it comes before the checkpoints of this write.
      const lines = [...facts.map((each) => segmentLine(state, each.facts)), ...pages.flatMap((each) => each.lines)];
      const tip = await file.append(lines);
      end = tip;
      for (const line of lines) applyLine(state, line);
      snapshots.moved(tip, lines);
      for (const { resolve } of commits) resolve();
    } catch (error) {
      failure = { error };
      lazyTimer?.abort();
      for (const { reject } of [...commits, ...waiting, ...waitingFacts]) reject(error);
      waiting = [];
      waitingFacts = [];
    }
  }

  /** Queues the lazy checkpoints in the order of the calls: before the next commit. */
  function queueLazy(): void {
    if (lazy.size === 0) return;
    const lines = [...lazy.values()].map((checkpoint) => ({ type: 'checkpoint' as const, ...checkpoint }));
    lazy.clear();
    waiting.push({ lines, resolve: () => undefined, reject: () => undefined });
  }

  async function writeLazyLater(timer: AbortController): Promise<void> {
    await clock.sleep(LAZY_DELAY, timer.signal);
    lazyTimer = undefined;
    if (timer.signal.aborted) return;
    queueLazy();
    await wake();
  }

  function checkOpen(): void {
    if (failure !== undefined) throw failure.error;
    if (closing !== undefined) throw new TtlArchiveError('INTERNAL', 'The journal is closed.');
  }

  async function closeAll(): Promise<void> {
    lazyTimer?.abort();
    if (failure === undefined) queueLazy();
    await wake();
    await snapshots.close(failure === undefined);
    await file.close();
    if (failure !== undefined) throw failure.error;
  }

  return {
    state,

    get end() {
      return end === undefined ? undefined : { file: end.file, offset: end.offset };
    },

    async commit(lines) {
      checkOpen();
      if (!isCommit(lines)) throw new TtlArchiveError('INTERNAL', 'A commit is item lines closed by its last line.');
      for (const line of lines) if (line.type === 'checkpoint') lazy.delete(keyOf(line));
      queueLazy();
      return new Promise<void>((resolve, reject) => {
        waiting.push({ lines, resolve, reject });
        void wake();
      });
    },

    checkpointLazily(checkpoint) {
      checkOpen();
      lazy.set(keyOf(checkpoint), checkpoint);
      if (lazyTimer !== undefined) return;
      lazyTimer = new AbortController();
      void writeLazyLater(lazyTimer);
    },

    async commitFacts(facts) {
      checkOpen();
      return new Promise<void>((resolve, reject) => {
        waitingFacts.push({ facts, resolve, reject });
        void wake();
      });
    },

    close() {
      closing ??= closeAll();
      return closing;
    },
  };
}

function keyOf({ stream, ShardId }: { stream: string; ShardId: string }): string {
  return `${stream} ${ShardId}`;
}
