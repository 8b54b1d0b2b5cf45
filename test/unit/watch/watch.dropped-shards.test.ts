import { describe, expect, it } from 'vitest';
import { statusOf } from '../../../src/cli/archive-status.js';
import { openJournal } from '../../../src/journal/open-journal.js';
import { inProcessStreams } from '../../support/in-process-streams.js';
import { watchFixture } from './watch-fixture.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const STATE = '/archive/.ttl-archive';

/** A stream of one shard after another, each with a deletion, that ended at the start; the last one is open. */
async function oldStream(generations = 4) {
  const fixture = watchFixture();
  const { clock, model, put, once, disk } = fixture;
  const { StreamArn, shards } = model.createTable({ TableName: 'T' });
  for (let generation = 0; generation < generations; generation++) {
    put(shards.at(-1), `key ${generation}`);
    shards.push(model.rollover(shards.at(-1) ?? ''));
  }
  await once();

  /** So many days pass: the stream is trimmed, and a run reads it twice a day. */
  async function live(days: number): Promise<void> {
    for (let half = 0; half < 2 * days; half++) {
      await clock.advance(DAY / 2);
      model.trimByAge(DAY);
      await once();
    }
  }
  const state = async () => (await openJournal({ disk, clock }, { directory: STATE, readOnly: true })).state;
  const kept = async (stream = StreamArn) => [...((await state()).checkpoints.get(stream)?.keys() ?? [])].toSorted();
  const dropped = async () =>
    (await fixture.lines()).flatMap((line) => (line.type === 'heartbeat' ? (line.dropped ?? []) : []));
  return { ...fixture, StreamArn, shards, live, state, kept, dropped };
}

describe('watch: shards that ended long ago', () => {
  it('drops ended shards older than the retention', async () => {
    const { live, kept, dropped, shards, lines } = await oldStream();
    await live(1);
    expect(await kept()).toEqual(shards);
    await live(2);
    // The parent of the open one stays with it.
    expect((await dropped()).toSorted()).toEqual(shards.slice(0, -2));
    expect(await kept()).toEqual(shards.slice(-2));
    expect((await lines()).filter(({ type }) => type === 'gap')).toEqual([]);
  });

  it('holds no more checkpoints, and writes no larger snapshot, over time', async () => {
    const { live, kept, model, shards, disk } = await oldStream(0);
    const counts: number[] = [];
    const bytes: number[] = [];
    let [open = ''] = shards;
    for (let day = 0; day < 12; day++) {
      for (let rollover = 0; rollover < 6; rollover++) open = model.rollover(open);
      await live(1);
      counts.push((await kept()).length);
      bytes.push(disk.content(`${STATE}/checkpoints.json`)?.length ?? 0);
    }
    expect(Math.max(...counts)).toBeLessThanOrEqual(6 * 4);
    expect(bytes.at(-1)).toBeLessThan(1.2 * (bytes[4] ?? 0));
  });

  it('keeps shards that are still listed', async () => {
    const { clock, once, kept, shards } = await oldStream();
    await clock.advance(4 * DAY);
    await once();
    expect(await kept()).toEqual(shards);
  });

  it('keeps a childless shard', async () => {
    const { model, live, kept, shards, put, once } = await oldStream();
    const last = shards.at(-1) ?? '';
    put(last, 'last');
    model.close(last);
    await once();
    await live(4);
    expect(await kept()).toEqual([last]);
  });

  it('keeps all shards when the time is in doubt', async () => {
    const { machine, live, kept, shards } = await oldStream();
    machine.hasDate = false;
    await live(4);
    expect(await kept()).toEqual(shards);
  });

  it('does not count the time before a wrong clock was noticed', async () => {
    const fixture = await oldStream(0);
    const { clock, machine, model, once, live, kept, shards } = fixture;
    await live(3);
    machine.hasDate = false;
    machine.aheadBy = 10 * DAY;
    const child = model.rollover(shards[0] ?? '');
    await once();
    machine.hasDate = true;
    machine.aheadBy = 0;
    shards.push(child, model.rollover(child));
    await once();
    await clock.advance(25 * HOUR);
    model.trimByAge(DAY);
    await once();
    expect(await kept()).toEqual(shards);
    await live(3);
    expect(await kept()).toEqual(shards.slice(-2));
  });

  it('drops them while it follows, and counts how many have ended', async () => {
    const { clock, model, start, kept, shards, StreamArn } = await oldStream();
    const run = start({ maxPollInterval: 10 * 60_000, pollInterval: 10 * 60_000 });
    await clock.advance(25 * HOUR);
    model.trimByAge(DAY);
    await clock.advance(25 * HOUR);
    expect(run.progress().shards).toMatchObject({ open: 1, ended: 4 });
    await run.stop();
    expect(await kept(StreamArn)).toEqual(shards.slice(-2));
  });

  it('status counts dropped shards', async () => {
    const { live, state, clock } = await oldStream();
    await live(3);
    const archive = { table: 'T', layout: 'files', format: 'item' } as const;
    const status = statusOf({ archive, state: await state(), now: clock.now() });
    expect(status).toMatchObject({ endedShards: 4, shards: { length: 1 } });
  });

  it('drops the shards of earlier streams, all but one', async () => {
    const { model, live, kept, put, once, lines } = await oldStream();
    model.disableStream('T');
    const next = model.enableStream('T');
    put(next.shards[0], 'next');
    await once();
    await live(4);
    expect(await kept()).toHaveLength(1);
    expect(await kept(next.StreamArn)).toEqual(next.shards);
    expect((await lines()).filter(({ type }) => type === 'gap')).toEqual([]);
  });

  it('neither reads a dropped shard twice nor records a gap when it is listed again', async () => {
    const { clock, model, start, shards, lines, put, kept } = await oldStream();
    // They stay readable: reading them again would archive everything twice.
    for (const ShardId of shards.slice(0, -1)) model.hide(ShardId);
    const asked = new Set<string>();
    const run = start(
      {},
      { onCall: ({ operation, ShardId = '' }) => operation === 'GetRecords' && asked.add(ShardId) },
    );
    await clock.advance(50 * HOUR);
    expect(await kept()).toEqual(shards.slice(-2));
    for (const ShardId of shards) model.show(ShardId);
    put(shards.at(-1), 'new');
    await clock.advance(HOUR);
    await run.stop();
    expect(run.archived).toEqual(['new']);
    expect([...asked]).toEqual(shards.slice(-1));
    expect((await lines()).filter(({ type }) => type === 'gap')).toEqual([]);
  });

  it.each(['the same', 'a later'])(
    'records a gap when %s run is shown a late child of a dropped shard',
    async (which) => {
      const { clock, model, start, once, put, kept, shards } = await oldStream(0);
      const [first = ''] = shards;
      const [seen = '', late = ''] = model.split(first);
      model.hide(late);
      const next = model.rollover(seen);
      put(late, 'lost');
      const run = start();
      await clock.advance(25 * HOUR);
      model.trimByAge(DAY);
      // Nothing is left that was read as long ago as the dropped one.
      model.rollover(next);
      await clock.advance(25 * HOUR);
      expect(await kept()).not.toContain(first);
      if (which === 'a later') await run.stop();
      model.trimByAge(DAY);
      model.show(late);
      if (which === 'the same') await clock.advance(HOUR);
      const { gaps } = which === 'a later' ? (await once()).summary : await run.stop();
      expect(gaps).toMatchObject([{ from: expect.stringMatching(/^2026-11-23T12:0/) }]);
    },
  );

  it('archives nothing twice when a later run finds a dropped shard listed once more', async () => {
    const { model, live, once, lines, shards, put } = await oldStream();
    await live(3);
    put(shards.at(-1), 'new');
    const { streams, tables } = inProcessStreams(model);
    // The first one: it names no parent.
    const again = { ShardId: shards[0] ?? '', SequenceNumberRange: { EndingSequenceNumber: '1' } };
    let lies = 1;
    const lying = Object.create(streams, {
      describeStream: {
        value: async (...call: Parameters<typeof streams.describeStream>) => {
          const description = await streams.describeStream(...call);
          return lies-- > 0 ? { ...description, Shards: [again, ...description.Shards] } : description;
        },
      },
    });
    const before = await lines();
    const { archived, summary } = await once({}, { tools: { streams: lying, tables } });
    expect(archived).toEqual(['new']);
    expect(summary.gaps).toEqual([]);
    expect(summary).toMatchObject({ gapCount: 0, records: 1 });
    expect((await lines()).length).toBeGreaterThan(before.length);
  });
});
