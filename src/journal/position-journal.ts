import { TtlArchiveError } from '../errors.js';
import { createBatcher } from '../lib/batcher.js';
import { isObject } from '../lib/json-checks.js';
import { parseJson } from '../lib/parse-json.js';
import type { Checkpoint, Clock, Gap, Journal, JournalLine, PositionStore } from '../ports/index.js';
import { type ArchiveFacts, isKeySchema } from './archive-file.js';
import { hasMembersOf } from './is-journal-line.js';
import { applyLine, emptyState, type MutableState, putCheckpoint } from './journal-state.js';
import { LAZY_DELAY } from './journal-writer.js';

type Facts = Pick<ArchiveFacts, 'table' | 'ttlAttribute' | 'keySchema'> & {
  readonly ttlAttribute?: string | undefined;
};

interface Positions extends Facts {
  readonly version: 1;
  readonly checkpoints: readonly Checkpoint[];
  readonly droppedShards: readonly (readonly [stream: string, shards: number])[];
  /** The latest ones. */
  readonly gaps: readonly Gap[];
  readonly gapCount: number;
}

/** What a position store holds; undefined: nothing yet. Throws JOURNAL for a text that is none of this program's. */
export async function readPositions(store: PositionStore): Promise<{ facts: Facts; state: MutableState } | undefined> {
  const text = await store.load();
  if (text === undefined) return undefined;
  const parsed = parseJson(text);
  const value = 'value' in parsed ? parsed.value : undefined;
  if (!isPositions(value)) {
    throw new TtlArchiveError('JOURNAL', 'The position store holds a text that is damaged or of another version.', {
      remedy: 'Restore what was saved last. With no text at all, reading begins anew, and gaps cannot be found.',
    });
  }
  const { version: _, checkpoints, droppedShards, gaps, gapCount, ...facts } = value;
  const state = { ...emptyState(), droppedShards: new Map(droppedShards), gaps: [...gaps], gapCount };
  for (const checkpoint of checkpoints) putCheckpoint(state, checkpoint);
  return { facts, state };
}

/**
 * A journal that keeps in a position store what its lines add up to, and not the lines. Commits that wait while the store
 * is busy share the next save. Throws TABLE when the positions are another table's. After a failed save nothing is saved.
 */
export async function openPositions({ clock }: { clock: Clock }, store: PositionStore, facts: Facts): Promise<Journal> {
  const found = await readPositions(store);
  if (found !== undefined && found.facts.table !== facts.table) {
    throw new TtlArchiveError('TABLE', `The positions are those of table ${JSON.stringify(found.facts.table)}.`, {
      remedy: `Give the table ${JSON.stringify(facts.table)} a position store of its own.`,
    });
  }
  const state = found?.state ?? emptyState();
  let failure: { readonly error: unknown } | undefined;
  const saves = createBatcher<readonly JournalLine[]>(async (commits) => {
    if (failure !== undefined) throw failure.error;
    try {
      for (const line of commits.flat()) applyLine(state, line);
      await store.save(encode(state, facts));
    } catch (error) {
      failure = { error };
      throw error;
    }
  });
  const lazy = new Map<string, JournalLine>();
  let timer: AbortController | undefined;

  function takeLazy(): JournalLine[] {
    const lines = [...lazy.values()];
    lazy.clear();
    return lines;
  }

  async function saveLazyLater(waiting: AbortController): Promise<void> {
    await clock.sleep(LAZY_DELAY, waiting.signal);
    timer = undefined;
    if (!waiting.signal.aborted && lazy.size > 0) await saves.add(takeLazy());
  }

  return {
    state,
    end: undefined,
    async commit(lines) {
      for (const line of lines) if (line.type === 'checkpoint') lazy.delete(keyOf(line));
      await saves.add([...takeLazy(), ...lines]);
    },
    checkpointLazily(checkpoint) {
      if (failure !== undefined) throw failure.error;
      lazy.set(keyOf(checkpoint), { type: 'checkpoint', ...checkpoint });
      if (timer !== undefined) return;
      timer = new AbortController();
      // A failure is thrown by the next commit, or by the end.
      saveLazyLater(timer).catch(() => undefined);
    },
    async commitFacts() {
      throw new TtlArchiveError('INTERNAL', 'A position store holds no facts about files.');
    },
    async close() {
      timer?.abort();
      if (lazy.size > 0 && failure === undefined) await saves.add(takeLazy());
      await saves.idle();
      if (failure !== undefined) throw failure.error;
    },
  };
}

function encode({ checkpoints, droppedShards, gaps, gapCount }: MutableState, facts: Facts): string {
  const positions: Positions = {
    version: 1,
    ...facts,
    checkpoints: [...checkpoints.values()].flatMap((shards) => [...shards.values()]),
    droppedShards: [...droppedShards],
    gaps,
    gapCount,
  };
  return JSON.stringify(positions);
}

function isPositions(value: unknown): value is Positions {
  if (!isObject(value) || value['version'] !== 1 || typeof value['table'] !== 'string') return false;
  const { checkpoints, droppedShards, gaps, gapCount, ttlAttribute, keySchema } = value;
  return (
    Array.isArray(checkpoints) &&
    checkpoints.every((checkpoint) => hasMembersOf('checkpoint', checkpoint)) &&
    Array.isArray(droppedShards) &&
    droppedShards.every((each) => Array.isArray(each) && typeof each[0] === 'string' && Number.isInteger(each[1])) &&
    Array.isArray(gaps) &&
    gaps.every((gap) => hasMembersOf('gap', gap)) &&
    Number.isInteger(gapCount) &&
    (ttlAttribute === undefined || typeof ttlAttribute === 'string') &&
    (keySchema === undefined || isKeySchema(keySchema))
  );
}

function keyOf({ stream, ShardId }: Checkpoint): string {
  return `${stream} ${ShardId}`;
}
