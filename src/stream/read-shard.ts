import type { RecordsPage } from '../ports/index.js';
import type { DeliveredPage } from '../shards/effects.js';
import { nextDelay } from '../shards/pacing.js';
import { isCaughtUp, type ShardState } from '../shards/shard-state.js';
import type { Coordinator } from './coordinator.js';
import { handleFailure } from './handle-failure.js';
import { finishRequest, type PageRequest, pollShard } from './poll-shard.js';

/** How a shard goes on: with a page that was requested already, or with a poll at a time. */
type Next = { readonly request?: PageRequest | undefined; readonly due?: number };

/** Reads what is due of a shard and schedules what comes next. Never rejects: what is fatal shuts the reading down. */
export async function readShard(run: Coordinator, shard: ShardState): Promise<void> {
  const { budget, shutdown } = run;
  budget.startReading();
  try {
    await readPages(run, shard);
  } catch (error) {
    if (!shutdown.signal.aborted) await handleFailure(run, shard, error);
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

/** Gets one page and has it archived. Gives undefined when the shard is not to go on. */
async function readPage(
  run: Coordinator,
  shard: ShardState,
  ahead: PageRequest | undefined,
): Promise<Next | undefined> {
  const { budget } = run;
  // Of a page that was requested ahead all bytes count as they come.
  const expectedBytes = ahead === undefined ? budget.expect(shard.pageBytes) : 0;
  let next: Next | undefined;
  try {
    const poll = await pollShard(run, shard, ahead, expectedBytes);
    if (poll === undefined) return undefined;
    try {
      next = await takeIn(run, shard, poll.request, poll.page);
    } finally {
      finishRequest(run, poll.request, next?.request);
    }
    return next;
  } finally {
    budget.unexpect(expectedBytes);
  }
}

async function takeIn(
  run: Coordinator,
  shard: ShardState,
  request: PageRequest,
  page: RecordsPage,
): Promise<Next | undefined> {
  const { budget, context, graph, options, shutdown, writes } = run;
  if (shard.pageBytes === undefined) budget.learn(page.bytes);
  const delivered = graph.take(shard, page, request.at, context.awsTime.now());
  context.retrier.succeed();
  const ended = page.NextShardIterator === undefined;
  if (delivered !== undefined) archivePage(run, shard, delivered, page.bytes);
  if (ended || shutdown.signal.aborted) return undefined;
  if (graph.doubtEnd(shard)) await run.relist();
  if (options.once && graph.isReadUpToStart(shard)) {
    await writes.newest(shard);
    graph.finish(shard);
    return undefined;
  }
  const delay = delayAfter(run, shard, page);
  graph.setBacklog(shard, delay === 0 && page.Records.length > 0);
  return request.next?.ShardIterator === shard.iterator ? { request: request.next } : { due: request.due + delay };
}

/** Hands a page on to be archived, and keeps account of it until it is durable. */
function archivePage(run: Coordinator, shard: ShardState, page: DeliveredPage, bytes: number): void {
  const { budget, context, graph, shutdown, writes } = run;
  const ended = page.checkpoint.position === 'SHARD_END';
  const archived = context.sink.archive(page, turnAfter(run, writes.newest(shard)));
  budget.startWriting(bytes);
  const write = async (): Promise<void> => {
    try {
      await archived;
      await run.apply(graph.committed(shard, ended, run.certainNow()));
    } catch (error) {
      shutdown.fail(error);
    } finally {
      budget.endWriting(bytes);
    }
  };
  void writes.add(shard, write()).then(() => run.wake());
}

/** Resolves when the shard's page before is archived; rejects when it is not. */
async function turnOf({ shutdown }: Coordinator, before: Promise<void> | undefined): Promise<void> {
  await before;
  if (shutdown.failure !== undefined) throw shutdown.failure.error;
}

function turnAfter(run: Coordinator, before: Promise<void> | undefined): Promise<void> {
  const turn = turnOf(run, before);
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
