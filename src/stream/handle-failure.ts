import { errorKindOf, TtlArchiveError } from '../errors.js';
import { onGuessNotFound, onNotFound, onTrimmed } from '../shards/lost-shards.js';
import { isGuess, type ShardState } from '../shards/shard-state.js';
import type { Coordinator } from './coordinator.js';
import { backoff } from './retry.js';

/** Consecutive failures, of whatever kind, from which on they count as the endpoint's. */
const MANY_FAILURES = 4;

/** A call for a shard has failed: schedules the next one, or ends the shard. Never rejects: what is fatal shuts the reading down. */
export async function handleFailure(run: Coordinator, shard: ShardState, error: unknown): Promise<void> {
  try {
    await goOnAfter(run, shard, error);
  } catch (fatal) {
    if (!run.shutdown.signal.aborted) run.shutdown.fail(fatal);
  }
}

async function goOnAfter(run: Coordinator, shard: ShardState, error: unknown): Promise<void> {
  const { context, graph, shutdown, writes } = run;
  const { clock, random, retrier } = context;
  const kind = errorKindOf(error);
  if (!(error instanceof TtlArchiveError) || kind === 'stop') throw error;
  graph.failed(shard, kind === 'renew');
  if (kind === 'retry' || shard.failures >= MANY_FAILURES) retrier.fail('GetRecords', error);
  if (kind === 'shard') {
    // What was read before is kept before anything is concluded.
    await writes.newest(shard);
    if (shutdown.signal.aborted) return;
    if (error.code === 'TRIMMED') await run.apply(onTrimmed(graph, shard, await run.confirmedNow()));
    else if (await isSettled(run, shard)) return;
  }
  const wait = kind !== 'retry' && shard.failures === 1 ? 0 : backoff(shard.failures, random);
  run.schedule(shard, clock.now() + wait);
}

/** The stream answers that the shard does not exist. Gives whether that settles the shard. */
async function isSettled(run: Coordinator, shard: ShardState): Promise<boolean> {
  const { context, graph, lister, shutdown } = run;
  const now = await run.confirmedNow();
  if (graph.isReplaced(shard)) return true;
  if (isGuess(shard)) {
    await run.apply(onGuessNotFound(graph, shard, now));
    return true;
  }
  try {
    const { shards } = await lister.list(shutdown.signal);
    const isListed = shards.some(({ ShardId }) => ShardId === shard.ShardId);
    const effects = onNotFound(graph, shard, isListed, context.awsTime.now());
    if (effects === undefined) return false;
    await run.apply(effects);
  } catch (error) {
    run.listingFailed(error);
  }
  return true;
}
