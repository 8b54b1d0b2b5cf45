import { onTestFinished } from 'vitest';
import { ServerClock } from '../../../src/aws/server-clock.js';
import type { WatchContext } from '../../../src/watch/run-context.js';
import type { WatchTablesOptions } from '../../../src/watch/tables-options.js';
import { watchTables } from '../../../src/watch/watch-tables.js';
import { type InProcessClients, type InProcessOptions, inProcessStreams } from '../../support/in-process-streams.js';
import { MemoryDisk } from '../../support/memory-disk.js';
import { notedLog } from '../../support/noted-log.js';
import { simulatedClock } from '../../support/simulated-clock.js';
import { StreamModel, seededRandom, ttlDelete } from '../../support/streams-server.js';

export const ROOT = '/archives';

/** `watchTables` over a simulated service and a disk in memory, on a clock that the test advances. */
export function tablesFixture() {
  const clock = simulatedClock();
  const model = new StreamModel({ now: () => clock.now() });
  const disk = new MemoryDisk();

  function start(
    options: Partial<WatchTablesOptions>,
    calls: InProcessOptions & {
      readonly wrap?: (clients: InProcessClients) => InProcessClients;
      readonly context?: Partial<WatchContext>;
    } = {},
  ) {
    const stopping = new AbortController();
    const awsTime = new ServerClock(clock);
    const clients = inProcessStreams(model, { onDate: (date) => awsTime.setDate(date), ...calls });
    const log = notedLog();
    const archived: string[] = [];
    const watching = watchTables(
      {
        out: ROOT,
        signal: stopping.signal,
        onArchived: (items, table) => {
          archived.push(...items.map(({ Keys }) => `${table}/${String(Keys['PK']?.['S'])}`));
        },
        ...options,
      },
      { ...(calls.wrap?.(clients) ?? clients), clock, awsTime, disk, log, random: seededRandom(1), ...calls.context },
    );
    watching.done.catch(() => undefined); // Tests await it later.
    onTestFinished(() => stopping.abort());
    return {
      ...watching,
      log,
      /** `table/key` in the order of the commits. */
      archived,
      events: (event: string) => log.lines.filter((line) => line.event === event).map(({ facts }) => facts),
      failing: () => watching.progress().flatMap(({ table, isFailing }) => (isFailing ? [table] : [])),
      end: () => clock.runUntil(watching.done),
      stop: () => {
        stopping.abort();
        return clock.runUntil(watching.done);
      },
    };
  }

  return {
    clock,
    model,
    disk,
    start,
    /** Creates a table, with a deletion of each key. Returns its first shard. */
    create(TableName: string, ...keys: readonly string[]): string {
      const [ShardId = ''] = model.createTable({ TableName }).shards;
      model.put(ShardId, ...keys.map(deletionOf));
      return ShardId;
    },
    put: (ShardId: string | undefined, ...keys: readonly string[]) => model.put(ShardId ?? '', ...keys.map(deletionOf)),
  };
}

const deletionOf = (key: string) => ttlDelete({ PK: { S: key }, ttl: { N: '1795446313' } });
