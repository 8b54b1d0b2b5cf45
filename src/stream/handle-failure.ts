import { errorKindOf, TtlArchiveError } from '../errors.js';
import { onGuessNotFound, onNotFound, onTrimmed } from '../shards/lost-shards.js';
import { isGuess, type ShardState } from '../shards/shard-state.js';
import type { Coordinator } from './coordinator.js';
import { backoff } from './retry.js';

/** From so many consecutive failures on they count as the endpoint's, whatever their kind. */
const MANY_FAILURES = 4;

/** A call for a shard has failed: schedules the next one, or ends the shard. Rejects with what has to end the reading. */
export async function handleFailure(run: Coordinator, shard: ShardState, error: unknown): Promise<void> {
  const { context, graph, shutdown, writes } = run;
  const { clock, random, retrier } = context;
  if (shutdown.signal.aborted) return;
  const kind = errorKindOf(error);
  if (!(error instanceof TtlArchiveError) || kind === 'stop') throw error;
  graph.failed(shard, kind === 'renew');
  if (kind === 'retry' || shard.failures >= MANY_FAILURES) retrier.fail('GetRecords', error);
  else retrier.count(error);
  if (kind === 'shard') {
    // A loss is decided by what was read, so that has to be committed first.
    await writes.newest(shard);
    if (shutdown.signal.aborted) return;
    if (error.code === 'TRIMMED') await run.apply(onTrimmed(graph, shard, await run.confirmedNow()));
    else if (await handleNotFound(run, shard)) return;
  }
  const wait = kind !== 'retry' && shard.failures === 1 ? 0 : backoff(shard.failures, random);
  run.schedule(shard, clock.now() + wait);
}

/** True when the shard is not to be polled again; false when the answer has to be confirmed by further calls. */
async function handleNotFound(run: Coordinator, shard: ShardState): Promise<boolean> {
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
