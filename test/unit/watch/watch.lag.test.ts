import { describe, expect, it } from 'vitest';
import { judgeHealth } from '../../../src/watch/health.js';
import type { WatchProgress } from '../../../src/watch/summary.js';
import { type Call, FAULTS, type Fault, firstCalls } from '../../support/streams-server/faults.js';
import { advanceUntil } from '../stream/stream-fixture.js';
import { watchFixture } from './watch-fixture.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const statusOf = (progress: WatchProgress, maxLagMs = progress.maxLagMs) =>
  judgeHealth({ ...progress, maxLagMs }).status;

/** A run over a table, with a fault plan that the test may change. */
function running(shards = 1, options: Parameters<ReturnType<typeof watchFixture>['start']>[0] = {}) {
  const fixture = watchFixture();
  const { shards: ids } = fixture.model.createTable({ TableName: 'T', shards });
  const calls = { fault: (_call: Call): Fault | undefined => undefined };
  const run = fixture.start(options, { faults: (call) => calls.fault(call) });
  /** Lets the time pass as a process sees it: looked at every five seconds, as the lock is renewed. */
  const pass = async (ms: number, look: (progress: WatchProgress) => void = () => undefined) => {
    for (let passed = 0; passed < ms; passed += 5 * SECOND) {
      await fixture.clock.advance(5 * SECOND);
      look(run.progress());
    }
  };
  return { ...fixture, ids, calls, run, pass };
}

const recordsOf = (ShardId: string | undefined, answer: Fault) => (call: Call) =>
  call.operation === 'GetRecords' && call.ShardId === ShardId ? answer : undefined;

describe('watch: the lag', () => {
  it('is unknown, and not zero, until every shard is known to be read', async () => {
    const { calls, clock, ids, put, run, pass } = running(2);
    put(ids[0], 'a');
    calls.fault = recordsOf(ids[1], FAULTS.throttling);
    expect(run.progress().lagMs).toBeUndefined();
    await pass(MINUTE);
    expect(run.archived).toEqual(['a']);
    expect(run.progress().lagMs).toBeUndefined();
    calls.fault = () => undefined;
    await advanceUntil(clock, () => run.progress().lagMs !== undefined);
    expect(run.progress().lagMs).toBeLessThan(10 * SECOND);
  });

  it('is that of the shard that is furthest behind', async () => {
    const { calls, ids, run, pass } = running(3);
    await pass(MINUTE);
    calls.fault = recordsOf(ids[1], FAULTS.throttling);
    await pass(8 * MINUTE);
    expect(run.progress().lagMs).toBeGreaterThan(7 * MINUTE);
    expect(run.progress().lagMs).toBeLessThan(9 * MINUTE);
  });

  it('counts the time for which no watch ran, before the first page is there', async () => {
    const { run, clock, start, ids, put } = running();
    put(ids[0], 'a');
    await clock.advance(MINUTE);
    await run.stop();
    await clock.advance(3 * HOUR);
    const later = start({}, { faults: recordsOf(ids[0], FAULTS.throttling) });
    await clock.advance(MINUTE);
    expect(later.progress().lagMs).toBeGreaterThan(3 * HOUR);
    expect(later.progress().lagMs).toBeLessThan(3 * HOUR + 5 * MINUTE);
  });

  it.each([DAY, -DAY, HOUR, -HOUR])("does not change when the machine's clock jumps by %i ms", async (jump) => {
    const { machine, run, pass } = running();
    await pass(MINUTE);
    machine.aheadBy += jump;
    await pass(20 * MINUTE, (progress) => {
      expect(progress.lagMs).toBeLessThan(15 * SECOND);
      expect(statusOf(progress, HOUR / 2)).toBe('ok');
    });
    expect(run.progress().stalledMs).toBeLessThan(MINUTE);
  });

  it('stays small at every rollover of a shard at rest', async () => {
    const { ids, model, run, pass } = running();
    await pass(HOUR);
    for (let [shard = ''] = ids, times = 0; times < 3; times++) {
      shard = model.rollover(shard);
      await pass(10 * MINUTE, ({ lagMs = 0 }) => expect(lagMs).toBeLessThan(MINUTE));
    }
    expect(run.progress().shards).toMatchObject({ open: 1, ended: 3 });
  });

  it('is small while the next stream of a table is awaited, and nothing counts as stalled', async () => {
    const { model, run, pass } = running();
    await pass(MINUTE);
    model.disableStream('T');
    await pass(5 * MINUTE);
    await pass(30 * MINUTE, (progress) => {
      expect(progress.lagMs).toBeLessThan(10 * SECOND);
      expect(statusOf(progress)).toBe('ok');
    });
    expect(run.progress().isReady).toBe(true);
  });
});

describe('watch: the health', () => {
  it('stays ok over a quiet day and a busy one', async () => {
    const { clock, ids, put, run } = running();
    for (let step = 0; step < 24 * 12; step++) {
      if (step % 7 === 0) put(ids[0], `item-${step}`);
      await clock.advance(5 * MINUTE);
      expect(statusOf(run.progress())).toBe('ok');
    }
    expect(run.archived).toHaveLength(42);
  });

  it('is endpoint-unreachable while nothing answers, with a growing lag, and ok soon after', async () => {
    const { calls, run, pass } = running();
    await pass(MINUTE);
    calls.fault = () => FAULTS.reset;
    await pass(4 * MINUTE);
    expect(statusOf(run.progress())).toBe('ok');
    await pass(20 * MINUTE);
    expect(statusOf(run.progress())).toBe('endpoint-unreachable');
    expect(run.progress().lagMs).toBeGreaterThan(23 * MINUTE);
    expect(run.progress().retries.NETWORK).toBeGreaterThan(10);
    calls.fault = () => undefined;
    const seen = new Set<string>();
    await pass(2 * MINUTE, (progress) => seen.add(statusOf(progress)));
    expect([...seen].filter((status) => status !== 'endpoint-unreachable')).toEqual(['ok']);
    expect(statusOf(run.progress())).toBe('ok');
  });

  it('gives reading its time after an outage before it counts as stalled', async () => {
    const { calls, ids, run, pass } = running();
    await pass(MINUTE);
    calls.fault = () => FAULTS.reset;
    await pass(30 * MINUTE);
    calls.fault = recordsOf(ids[0], FAULTS.throttling);
    await pass(MINUTE);
    await pass(8 * MINUTE, (progress) => expect(statusOf(progress)).toBe('ok'));
    await pass(2 * MINUTE);
    expect(statusOf(run.progress())).toBe('stalled');
    calls.fault = () => undefined;
    await pass(MINUTE);
    const logged = run.log.lines.filter(({ event }) => event.startsWith('health.'));
    expect(logged.map(({ event, facts }) => [event, facts['status']])).toEqual([
      ['health.lost', 'endpoint-unreachable'],
      ['health.recovered', undefined],
      ['health.lost', 'stalled'],
      ['health.recovered', undefined],
    ]);
  });

  it('counts a new iterator in the place of an expired one as a retry, and not as an outage', async () => {
    const { calls, run, pass } = running();
    calls.fault = firstCalls('GetRecords', 1, FAULTS.expiredIterator);
    await pass(5 * SECOND, ({ failingMs }) => expect(failingMs).toBeUndefined());
    expect(run.progress().retries).toEqual({ EXPIRED_ITERATOR: 1 });
  });

  it.each([['throttling'], ['internalError'], ['expiredIterator']] as const)(
    'is stalled when the listings succeed, and every GetRecords call of one of two shards is answered with %s',
    async (fault) => {
      const { calls, ids, run, pass } = running(2);
      await pass(MINUTE);
      calls.fault = recordsOf(ids[0], FAULTS[fault]);
      await pass(9 * MINUTE);
      expect(statusOf(run.progress())).toBe('ok');
      await pass(2 * MINUTE);
      expect(statusOf(run.progress())).toBe('stalled');
      expect(run.progress().failingMs ?? 0).toBeLessThan(MINUTE);
    },
  );

  it('is stalled when the same page comes again and again', async () => {
    const { calls, ids, put, run, pass } = running();
    const [record] = put(ids[0], 'a');
    await pass(MINUTE);
    const body = JSON.stringify({ Records: [record], NextShardIterator: 'unusable' });
    calls.fault = recordsOf(ids[0], { kind: 'body', body });
    await pass(12 * MINUTE);
    expect(statusOf(run.progress())).toBe('stalled');
    expect(run.progress().lagMs).toBeGreaterThan(11 * MINUTE);
    expect(run.archived).toEqual(['a']);
    expect(run.progress()).toMatchObject({ records: 1, retries: {} });
  });

  it('is stalled when the pages of a closed shard stay empty, so that its children are never read', async () => {
    const { calls, ids, model, put, run, pass } = running();
    await pass(MINUTE);
    const child = model.rollover(ids[0] ?? '');
    put(child, 'unread');
    calls.fault = (call) => {
      if (call.operation !== 'GetRecords') return undefined;
      return { kind: 'body', body: JSON.stringify({ Records: [], NextShardIterator: call.input['ShardIterator'] }) };
    };
    await pass(12 * MINUTE);
    expect(run.progress().lagMs).toBeGreaterThan(11 * MINUTE);
    expect(statusOf(run.progress())).toBe('stalled');
    calls.fault = () => undefined;
    await pass(MINUTE);
    expect(run.archived).toEqual(['unread']);
    expect(statusOf(run.progress())).toBe('ok');
  });

  it('is behind when a shard falls behind although it is read', async () => {
    const { clock, ids, model, run, put, calls } = running(2, { maxLag: 2 * HOUR });
    await clock.advance(MINUTE);
    // Two records come in each minute, and one of them is answered.
    model.settings.cutPage = () => 1;
    let mayRead = 0;
    calls.fault = (call) => {
      if (call.operation !== 'GetRecords' || call.ShardId !== ids[0]) return undefined;
      return mayRead-- > 0 ? undefined : FAULTS.throttling;
    };
    const seen = new Set<string>();
    for (let minute = 0; minute < 5 * 60; minute++) {
      put(ids[0], `${minute}-a`, `${minute}-b`);
      mayRead = 1;
      for (let step = 0; step < 12; step++) {
        await clock.advance(5 * SECOND);
        seen.add(statusOf(run.progress()));
      }
    }
    expect([...seen]).toEqual(['ok', 'behind']);
    const reason = expect.stringMatching(/^Reading is 2h.* behind, and 2h is the limit;/);
    expect(run.log.lines.filter(({ event }) => event.startsWith('health.'))).toMatchObject([
      { event: 'health.lost', facts: { status: 'behind', reason } },
    ]);
    expect(run.progress().shards).toMatchObject({ open: 2, behind: 1 });
  });
});
