import type { RecordsPage } from '../ports/index.js';
import { onHorizon } from '../shards/lost-shards.js';
import { isGuess, type ShardState } from '../shards/shard-state.js';
import type { Coordinator } from './coordinator.js';
import { pageMemory } from './page-memory.js';
import { backoff } from './retry.js';

/** After so many listings that lack it, an unlisted shard that exists is read without knowing its parent. */
const MAX_RELIST_ATTEMPTS = 5;

/** A shorter page is parsed before another call could be sent. */
const READ_AHEAD_BYTES = 100_000;

/** A GetRecords call in flight. */
export interface PageRequest {
  readonly ShardIterator: string;
  /** When it was sent, by AWS's clock; epoch milliseconds. */
  readonly at: number;
  /** The same by the machine's clock. */
  readonly sentAt: number;
  readonly page: Promise<RecordsPage>;
  /** The shard waits for this page. Only then may the next one be requested, or requests would run ahead without end. */
  isAwaited?: true;
  /** The request for the next page, sent ahead. */
  next?: PageRequest;
  /** Bytes of memory that were admitted for the response beyond those expected. */
  admitted: number;
  isDone?: true;
}

/** Requests the shard's next page, unless `ahead` has done so. Undefined when the shard is not to be read now. */
export async function pollShard(
  run: Coordinator,
  shard: ShardState,
  ahead: PageRequest | undefined,
  expected: number,
): Promise<PageRequest | undefined> {
  if (run.graph.isReplaced(shard)) return undefined;
  const ShardIterator = shard.iterator ?? (await openIterator(run, shard));
  if (ShardIterator === undefined) return undefined;
  const request = ahead ?? requestPage(run, shard, ShardIterator, expected);
  request.isAwaited = true;
  return request;
}

/** Releases the room of the response, even one that is still to come, and of a request sent ahead that is not `next`. */
export function finishRequest(run: Coordinator, request: PageRequest | undefined, next?: PageRequest): void {
  if (request === undefined) return;
  if (request.next !== next) finishRequest(run, request.next);
  if (request.isDone === true) return;
  request.isDone = true;
  run.budget.release(request.admitted);
}

/** Requests a page and, as soon as the iterator of the page after it is known, perhaps that one, too. */
function requestPage(run: Coordinator, shard: ShardState, ShardIterator: string, expected: number): PageRequest {
  const { budget, context, shutdown } = run;
  const onNext = (next: string, bytes: number): boolean => {
    if (request.isAwaited !== true || !mayReadAhead(run, shard, bytes)) return false;
    request.next = requestPage(run, shard, next, 0);
    return true;
  };
  const admit = async (more: number): Promise<void> => {
    await budget.admit(more);
    if (request.isDone === true) budget.release(more);
    else request.admitted += more;
  };
  const onSize = (bytes: number) => {
    const more = pageMemory(shard, bytes) - expected;
    return more > 0 ? admit(more) : undefined;
  };
  const request: PageRequest = {
    ShardIterator,
    at: context.awsTime.now(),
    sentAt: context.clock.now(),
    page: context.streams.getRecords({ ShardIterator }, shutdown.signal, onNext, onSize),
    admitted: 0,
  };
  // It is awaited later, or not at all.
  request.page.catch(() => undefined);
  return request;
}

/** The server prepares the next page while this one is parsed. Without room in the budget other shards come first. */
function mayReadAhead({ budget, shutdown, writes }: Coordinator, shard: ShardState, bytes: number): boolean {
  if (bytes < READ_AHEAD_BYTES || !shard.backlog || shutdown.signal.aborted) return false;
  return !writes.isFull(shard) && budget.hasRoom();
}

/** A new iterator; undefined when the shard is not to be read now. */
async function openIterator(run: Coordinator, shard: ShardState): Promise<string | undefined> {
  const { context, graph, options, shutdown } = run;
  const start = graph.opening(shard);
  const input = { StreamArn: options.StreamArn, ShardId: shard.ShardId, start };
  const iterator = await context.streams.getShardIterator(input, shutdown.signal);
  if (graph.isReplaced(shard)) return undefined;
  if (isGuess(shard) && shard.relistAttempts < MAX_RELIST_ATTEMPTS) {
    // It exists, but no listing shows it and its parent. Listings become consistent in time.
    await run.relist();
    if (shutdown.signal.aborted || graph.isReplaced(shard)) return undefined;
    graph.change(shard, { relistAttempts: shard.relistAttempts + 1 });
    run.schedule(shard, context.clock.now() + backoff(shard.relistAttempts, context.random));
    return undefined;
  }
  graph.opened(shard, start, iterator);
  if (start === 'TRIM_HORIZON') await run.apply(onHorizon(graph, shard, await run.confirmedNow()));
  return iterator;
}
