import type { RecordsPage } from '../ports/index.js';
import type { DeliveredPage } from '../shards/effects.js';
import { nextDelay } from '../shards/pacing.js';
import { isCaughtUp, type ShardState } from '../shards/shard-state.js';
import type { Coordinator } from './coordinator.js';
import { handleFailure } from './handle-failure.js';
import { expectedMemory, pageMemory } from './page-memory.js';
import { finishRequest, type PageRequest, pollShard } from './poll-shard.js';

/** How a shard goes on: with a page that was requested already, or with a poll at a time. */
type Next = { readonly request?: PageRequest | undefined; readonly due?: number };

/** Reads what is due of a shard and schedules its next poll. Never rejects: a fatal error shuts the reading down. */
export async function readShard(run: Coordinator, shard: ShardState): Promise<void> {
  const { budget, shutdown } = run;
  budget.startReading();
  try {
    await readPages(run, shard).catch((error: unknown) => handleFailure(run, shard, error));
  } catch (fatal) {
    if (!shutdown.signal.aborted) shutdown.fail(fatal);
  } finally {
    budget.endReading();
    run.wake();
  }
}

async function readPages(run: Coordinator, shard: ShardState): Promise<void> {
  const { shutdown, writes } = run;
  let next: Next | undefined = {};
  do {
    next = await readPage(run, shard, next.request);
    while (writes.isFull(shard)) await writes.oldest(shard);
  } while (next?.request !== undefined && !shutdown.signal.aborted);
  finishRequest(run, next?.request);
  if (next?.due !== undefined) run.schedule(shard, next.due);
}

/** Gets one page, `ahead` if it was requested already, and has it archived. Undefined when the shard is not to go on. */
async function readPage(
  run: Coordinator,
  shard: ShardState,
  ahead: PageRequest | undefined,
): Promise<Next | undefined> {
  const { budget, graph } = run;
  // Of a page that was requested ahead all bytes count as they come.
  const expected = ahead === undefined ? budget.expect(expectedMemory(shard)) : 0;
  let request: PageRequest | undefined;
  let next: Next | undefined;
  try {
    request = await pollShard(run, shard, ahead, expected);
    const page = await request?.page;
    if (request === undefined || page === undefined || graph.isReplaced(shard)) return undefined;
    next = await handlePage(run, shard, request, page);
    return next;
  } finally {
    finishRequest(run, request, next?.request);
    budget.unexpect(expected);
  }
}

async function handlePage(
  run: Coordinator,
  shard: ShardState,
  request: PageRequest,
  page: RecordsPage,
): Promise<Next | undefined> {
  const { budget, context, graph, options, shutdown, writes } = run;
  const isFirst = shard.pageBytes === undefined;
  const delivered = graph.take(shard, page, request.at, context.awsTime.now());
  const memory = pageMemory(shard, page.bytes);
  if (isFirst) budget.learn(memory);
  context.retrier.succeed();
  if (delivered !== undefined) archivePage(run, shard, delivered, memory);
  if (page.NextShardIterator === undefined || shutdown.signal.aborted) return undefined;
  if (graph.doubtEnd(shard)) await run.relist();
  if (options.once && graph.isReadUpToStart(shard)) {
    await writes.newest(shard);
    graph.finish(shard);
    return undefined;
  }
  const delay = delayAfter(run, shard, page);
  graph.change(shard, { backlog: delay === 0 && page.Records.length > 0 });
  return request.next?.ShardIterator === shard.iterator ? { request: request.next } : { due: request.sentAt + delay };
}

/** Hands a page on to be archived, and counts it as being written until it is durable. */
function archivePage(run: Coordinator, shard: ShardState, page: DeliveredPage, memory: number): void {
  const { budget, context, graph, shutdown, writes } = run;
  const ended = page.checkpoint.position === 'SHARD_END';
  const archived = context.sink.archive(page, turnAfter(run, writes.turn(shard)), shutdown.signal);
  budget.startWriting(memory);
  const write = async (): Promise<void> => {
    try {
      await archived.done;
      await run.apply(graph.committed(shard, ended, run.certainNow()));
    } catch (error) {
      shutdown.fail(error);
    } finally {
      budget.endWriting(memory);
    }
  };
  void writes.add(shard, { ...archived, done: write() }).then(run.wake);
}

/** Rejects also when the reading has failed before. */
function turnAfter({ shutdown }: Coordinator, next = Promise.resolve()): Promise<void> {
  const turn = next.then(() => {
    if (shutdown.failure !== undefined) throw shutdown.failure.error;
  });
  // Whoever awaits it may still be preparing the page.
  turn.catch(() => undefined);
  return turn;
}

function delayAfter({ context, options }: Coordinator, shard: ShardState, page: RecordsPage): number {
  const lastPage = {
    records: page.Records.length,
    bytes: page.bytes,
    emptyPages: shard.emptyPages,
    age: shard.lastRecordAt === undefined ? undefined : context.awsTime.now() - shard.lastRecordAt,
    finite: options.once || shard.closed,
    behind: !isCaughtUp(shard),
  };
  return nextDelay(lastPage, options.pace, context.random);
}
