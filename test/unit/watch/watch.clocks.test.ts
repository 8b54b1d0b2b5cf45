import { describe, expect, it } from 'vitest';
import { FAULTS } from '../../support/streams-server.js';
import { advanceUntil } from '../stream/stream-fixture.js';
import { watchFixture } from './watch-fixture.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const JUMPS = [HOUR, -HOUR, DAY, -DAY, 8 * DAY, -8 * DAY];

const keys = (name: string, count: number) => Array.from({ length: count }, (_, index) => `${name}-${index}`);
const iso = (time: number) => new Date(time).toISOString();

/** A table with one shard that has been read, by a machine whose clock differs from AWS's. */
async function archived(aheadBy = 0, hasDate = true) {
  const fixture = watchFixture();
  const { model, machine, put, once } = fixture;
  const [ShardId = ''] = model.createTable({ TableName: 'T' }).shards;
  put(ShardId, ...keys('first', 3));
  Object.assign(machine, { aheadBy, hasDate });
  await once();
  return { ...fixture, ShardId };
}

/** 50 deletions that are trimmed before the next run. */
async function loseFifty({ clock, model, put, ShardId }: Awaited<ReturnType<typeof archived>>, after = 0) {
  await clock.advance(after + MINUTE);
  put(ShardId, ...keys('lost', 50));
  await clock.advance(25 * HOUR);
  model.trimByAge(DAY);
  put(ShardId, 'kept');
}

describe('watch: a machine whose clock is wrong', () => {
  it.each([8 * HOUR, 8 * DAY])(
    'records the gap when its first run was %i ms ahead, the later ones were right, and 50 records were trimmed in between',
    async (aheadBy) => {
      const fixture = await archived(aheadBy);
      const caughtUpAt = fixture.clock.now();
      await loseFifty(fixture);
      fixture.machine.aheadBy = 0;
      const { archived: found, summary } = await fixture.once();
      expect(found).toEqual(['kept']);
      expect(summary.gaps).toMatchObject([{ ShardId: fixture.ShardId, cause: 'position-trimmed' }]);
      expect(Date.parse(summary.gaps[0]?.from ?? '')).toBeLessThanOrEqual(caughtUpAt);
      expect(summary.gaps[0]?.to).toBe(iso(fixture.clock.now() - DAY + MINUTE));
      expect((await fixture.once()).summary.gaps).toEqual([]);
    },
  );

  it.each(JUMPS)('records no gap and loses nothing when it jumps by %i ms between runs', async (jump) => {
    const fixture = await archived();
    const { clock, machine, model, put, once, ShardId } = fixture;
    for (const run of [1, 2, 3]) {
      await clock.advance(20 * HOUR);
      model.trimByAge(DAY);
      machine.aheadBy += jump;
      // The checkpoint of the quiet shard ages out before the third run, without any loss.
      if (run === 3) put(ShardId, 'kept');
      const { archived: found, summary } = await once();
      expect(found).toEqual(run === 3 ? ['kept'] : []);
      expect(summary.gaps).toEqual([]);
    }
  });

  it.each(JUMPS)(
    'records the right gap when it has jumped by %i ms before the run that finds the loss',
    async (jump) => {
      const fixture = await archived();
      const caughtUpAt = fixture.clock.now();
      await loseFifty(fixture);
      fixture.machine.aheadBy = jump;
      const { summary } = await fixture.once();
      expect(summary.gaps).toHaveLength(1);
      expect(Math.abs(Date.parse(summary.gaps[0]?.from ?? '') - caughtUpAt)).toBeLessThan(MINUTE);
      expect(summary.gaps[0]?.to).toBe(iso(fixture.clock.now() - DAY + MINUTE));
    },
  );

  it.each(JUMPS)('reads on, without a gap, when it jumps by %i ms during a run', async (jump) => {
    const { clock, machine, model, put, start } = watchFixture();
    const [ShardId = ''] = model.createTable({ TableName: 'T' }).shards;
    const { archived: found, stop } = start();
    put(ShardId, 'before');
    await advanceUntil(clock, () => found.includes('before'));
    await clock.advance(10 * MINUTE);
    machine.aheadBy += jump;
    put(ShardId, 'after');
    const jumpedAt = clock.now();
    await advanceUntil(clock, () => found.includes('after'));
    expect(clock.now() - jumpedAt).toBeLessThan(MINUTE);
    await clock.advance(HOUR);
    const { gaps, elapsedMs } = await stop();
    expect(gaps).toEqual([]);
    expect(elapsedMs).toBeLessThan(2 * HOUR);
  });

  it('archives what follows LATEST although its clock was 8 days ahead at the start', async () => {
    const { clock, machine, model, put, once } = watchFixture();
    const [ShardId = ''] = model.createTable({ TableName: 'T' }).shards;
    machine.aheadBy = 8 * DAY;
    await once({ from: 'latest' });
    await clock.advance(HOUR);
    machine.aheadBy = 0;
    put(ShardId, 'after');
    expect((await once()).archived).toEqual(['after']);
  });

  it('reads up to the start of a --once run although its clock is an hour behind', async () => {
    const { clock, machine, model, put, once } = watchFixture();
    const [ShardId = ''] = model.createTable({ TableName: 'T' }).shards;
    model.settings.cutPage = () => 1;
    machine.aheadBy = -HOUR;
    put(ShardId, 'one', 'two');
    await clock.advance(MINUTE);
    put(ShardId, 'three');
    expect((await once()).archived).toEqual(['one', 'two', 'three']);
  });
});

describe("watch: a journal whose times are not AWS's", () => {
  it.each([8 * DAY, 40 * HOUR])("records the gap when they are ahead of AWS's time by %i ms", async (aheadBy) => {
    const fixture = await archived(aheadBy, false);
    await loseFifty(fixture);
    Object.assign(fixture.machine, { aheadBy: 0, hasDate: true });
    const { summary, log } = await fixture.once();
    expect(summary.gaps).toMatchObject([{ ShardId: fixture.ShardId, to: iso(fixture.clock.now() - DAY + MINUTE) }]);
    expect(log.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
    expect((await fixture.once()).summary.gaps).toEqual([]);
  });

  it('does not trust a time that was ahead later on, when it is no longer ahead', async () => {
    const fixture = await archived(8 * HOUR, false);
    const { clock, machine, model, once, ShardId } = fixture;
    Object.assign(machine, { aheadBy: 0, hasDate: true });
    await clock.advance(HOUR);
    // The endpoint fails, so that this run reads nothing of the shard.
    await once(
      {},
      { faults: ({ operation }) => (operation === 'GetRecords' ? FAULTS.internalError : undefined) },
    ).catch(() => undefined);
    await clock.advance(5 * MINUTE);
    fixture.put(ShardId, ...keys('lost', 50));
    await clock.advance(25 * HOUR);
    model.trimByAge(DAY);
    expect((await once()).summary.gaps).toHaveLength(1);
  });

  it('records the gap when they come from a clock that is still ahead', async () => {
    const fixture = await archived(8 * HOUR, false);
    await loseFifty(fixture, 0);
    fixture.machine.hasDate = true;
    expect((await fixture.once()).summary.gaps).toHaveLength(1);
  });

  it('records no gap when they were right', async () => {
    const fixture = await archived(0, false);
    const { clock, machine, model, once } = fixture;
    machine.hasDate = true;
    await clock.advance(20 * HOUR);
    await once();
    await clock.advance(20 * HOUR);
    model.trimByAge(DAY);
    expect((await once()).summary.gaps).toEqual([]);
  });

  it('records no gap of a quiet shard when the times were ahead and nothing was trimmed', async () => {
    const fixture = await archived(8 * DAY, false);
    Object.assign(fixture.machine, { aheadBy: 0, hasDate: true });
    await fixture.clock.advance(HOUR);
    fixture.put(fixture.ShardId, 'kept');
    const { archived: found, summary } = await fixture.once();
    expect(found).toEqual(['kept']);
    expect(summary.gaps).toEqual([]);
  });
});

describe('watch: a process that was suspended for 25 hours', () => {
  it.each(['with', 'without'])(
    'records the gap, once, %s a monotonic clock that stood still in between',
    async (how) => {
      const { clock, model, put, start } = watchFixture();
      const [ShardId = ''] = model.createTable({ TableName: 'T' }).shards;
      let asleep = 0;
      const standing = how === 'with';
      const tools = standing ? { monotonic: () => clock.monotonic() - asleep } : {};
      const { archived: found, stop } = start({ maxPollInterval: 26 * HOUR, pollInterval: 26 * HOUR }, {}, tools);
      put(ShardId, 'before');
      await clock.advance(MINUTE);
      expect(found).toEqual(['before']);
      const fellAsleepAt = clock.now();
      put(ShardId, ...keys('lost', 50));
      asleep = 25 * HOUR + MINUTE;
      await clock.advance(25 * HOUR + MINUTE);
      model.trimByAge(DAY);
      put(ShardId, 'after');
      await clock.advance(HOUR);
      const { gaps } = await stop();
      expect(found).toEqual(['before', 'after']);
      expect(gaps).toHaveLength(1);
      expect(Date.parse(gaps[0]?.from ?? '')).toBeLessThanOrEqual(fellAsleepAt);
      expect(Date.parse(gaps[0]?.to ?? '')).toBeGreaterThan(fellAsleepAt);
    },
  );
});
