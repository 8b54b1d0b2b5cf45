import { describe, expect, it } from 'vitest';
import { statusOf } from '../../../src/cli/archive-status.js';
import { fieldLine } from '../../../src/cli/field-line.js';
import { statusText } from '../../../src/cli/status-text.js';
import { progressFields } from '../../../src/cli/watch-text.js';
import { findWatcher } from '../../../src/cli/watcher.js';
import { openJournal } from '../../../src/journal/open-journal.js';
import type { Fault } from '../../support/streams-server/faults.js';
import { watchFixture } from '../watch/watch-fixture.js';

const STATE = '/archive/.ttl-archive';
const POLL = 5000;
/** GetRecords answers at once here; the poll after a call is due 5 seconds after its start. */
const CALL = 1000;
const MINUTE = 60_000;

async function liveArchive(options: { maxLag?: number } = {}) {
  const fixture = watchFixture();
  const { model, put, clock, disk } = fixture;
  const [shard] = model.createTable({ TableName: 'T' }).shards;
  put(shard, 'a');
  const calls = { counted: 0, fault: undefined as Fault | undefined };
  const run = fixture.start(options, {
    faults: () => calls.fault,
    onCall: ({ operation }) => {
      if (operation === 'GetRecords') calls.counted++;
    },
  });
  const status = async (maxLagMs?: number) => {
    const archive = { table: 'T', layout: 'files', format: 'item' } as const;
    const watcher = await findWatcher({ disk, state: STATE }, clock.now());
    const { state } = await openJournal({ disk, clock }, { directory: STATE, readOnly: true });
    return statusOf({ archive, state, watcher, now: clock.now(), maxLagMs });
  };
  // Until the shard has been caught up and the lock says so.
  await clock.advance(MINUTE);
  return { ...fixture, shard, run, status, calls };
}

describe('status beside a live watch', () => {
  it('is never further behind than a poll on a quiet table', async () => {
    const { clock, run, status } = await liveArchive();
    const lags: number[] = [];
    const shown: number[] = [];
    for (let second = 0; second < 600; second++) {
      await clock.advance(1000);
      lags.push((await status()).lagMs ?? Infinity);
      shown.push(run.progress().lagMs ?? Infinity);
    }
    expect(Math.max(...lags)).toBeLessThanOrEqual(POLL + CALL);
    expect(Math.max(...shown)).toBeLessThanOrEqual(POLL + CALL);
    await run.stop();
  });

  it('counts whole milliseconds when the monotonic clock has fractions', async () => {
    const fixture = watchFixture();
    const [shard] = fixture.model.createTable({ TableName: 'T' }).shards;
    fixture.put(shard, 'a');
    let readings = 0;
    const monotonic = () => fixture.clock.monotonic() + (readings++ % 7) / 7;
    const run = fixture.start({}, {}, { monotonic });
    await fixture.clock.advance(MINUTE);
    for (let second = 0; second < 20; second++) {
      await fixture.clock.advance(1000);
      expect(run.progress().lagMs).toSatisfy(Number.isInteger);
    }
    expect((await run.stop()).elapsedMs).toSatisfy(Number.isInteger);
  });

  it('shows the watcher, since when it runs, and when it renewed its lock', async () => {
    const { clock, run, status } = await liveArchive();
    const text = statusText(await status(), 'temp', clock.now());
    expect(text.replaceAll(/\n {12}/g, ' ')).toMatch(
      new RegExp(
        `^watcher +running: process ${process.pid} on \\S+, since \\S+, lock renewed (?:\\d+ms|[0-5]s) ago$`,
        'm',
      ),
    );
    await run.stop();
    expect(statusText(await status(), 'temp', clock.now())).toMatch(/^watcher +none is running$/m);
  });

  it('has the number of calls and the price by the count of the endpoint', async () => {
    const { clock, run, status, calls } = await liveArchive();
    await clock.advance(10 * MINUTE);
    const before = calls.counted;
    const { watcher, price } = await status();
    expect(watcher?.progress.getRecordsCalls).toBeGreaterThanOrEqual(before * 0.95);
    expect(watcher?.progress.getRecordsCalls).toBeLessThanOrEqual(before);
    // A month of 30 days at this pace, by the endpoint's own count over eleven minutes.
    const perMonth = (before / 11) * 60 * 24 * 30;
    expect(price?.callsPerMonth).toBeGreaterThanOrEqual(perMonth * 0.95);
    expect(price?.callsPerMonth).toBeLessThanOrEqual(perMonth * 1.05);
    await run.stop();
    expect(await status()).not.toHaveProperty('price');
  });

  it('uses the limit that the watch was given, unless it is given one itself', async () => {
    const { clock, run, status, calls } = await liveArchive({ maxLag: 2 * MINUTE });
    // Less than the five minutes after which the endpoint counts as unreachable.
    calls.fault = { kind: 'reset' };
    await clock.advance(3 * MINUTE);
    expect(await status()).toMatchObject({
      health: { status: 'behind', reason: expect.stringContaining('2m is the') },
    });
    expect(await status(10 * MINUTE)).toMatchObject({ health: { status: 'ok' } });
    await run.stop();
  });

  it('shows a growing lag and an unreachable endpoint when the endpoint is stopped', async () => {
    const { clock, run, status, calls } = await liveArchive();
    calls.fault = { kind: 'reset' };
    await clock.advance(10 * MINUTE);
    const { lagMs = 0, watcher } = await status();
    expect(lagMs).toBeGreaterThan(9 * MINUTE);
    expect(watcher?.progress.unreachableSince).toBeDefined();
    expect(fieldLine(progressFields(run.progress(), 0), 80)).toMatch(/lag (?:9|10)m.* unreachable for (?:9|10)m/);
    expect(statusText(await status(), 'temp', clock.now())).toMatch(/endpoint\s+unreachable\s+since/);
    expect(await status()).toMatchObject({ health: { status: 'endpoint-unreachable' } });
    expect(statusText(await status(), 'temp', clock.now())).toMatch(/^health +endpoint-unreachable: No call has succ/m);
    calls.fault = undefined;
    await clock.advance(2 * MINUTE);
    expect((await status()).health).toEqual({ status: 'ok' });
    expect(statusText(await status(), 'temp', clock.now())).toMatch(
      /^lag .*; what came then is\s+trimmed\s+in 23h 59m$/m,
    );
    expect((await status()).lagMs).toBeLessThanOrEqual(POLL + CALL);
    expect(fieldLine(progressFields(run.progress(), 0), 80)).not.toContain('unreachable');
    await run.stop();
  });
});

describe('statusText', () => {
  it('fits into 80 columns, but for the name of a stream', async () => {
    const { clock, run, status } = await liveArchive();
    const now = await status();
    const sequence = '1'.repeat(40);
    const shard = {
      ...now.shards[0],
      stream: 'arn',
      ShardId: 'shardId-00000001414576573621-f55eea83',
      position: sequence,
    };
    const gap = { ...shard, at: 'x', to: 'x', reason: 'y '.repeat(60) };
    const text = statusText(
      { ...now, shards: [{ state: 'reading', ...shard }], gaps: [gap], gapCount: 1 },
      `/${'long/'.repeat(5)}`,
      clock.now(),
    );
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(text).toContain(sequence);
    await run.stop();
  });
});

describe('statusOf', () => {
  const archive = { table: 'T', layout: 'files', format: 'item' } as const;

  it('counts ended shards as one number', async () => {
    const fixture = watchFixture();
    const { shards } = fixture.model.createTable({ TableName: 'T', shards: 1 });
    fixture.put(shards[0], 'a');
    let [shard = ''] = shards;
    for (let generation = 0; generation < 50; generation++) shard = fixture.model.rollover(shard);
    await fixture.once();
    const { state } = await openJournal(fixture, { directory: STATE, readOnly: true });
    const status = statusOf({ archive, state, now: fixture.clock.now() });
    expect(status.endedShards).toBe(50);
    expect(statusText(status, 'temp', fixture.clock.now()).split('\n').length).toBeLessThan(15);
    expect(status).not.toHaveProperty('price');
  });
});
