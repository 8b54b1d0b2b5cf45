import { describe, expect, it } from 'vitest';
import { FAULTS, type FaultPlan } from '../../support/streams-server.js';
import { watchFixture } from './watch-fixture.js';

const HOUR = 3_600_000;
const MINUTE = 60_000;

/** A table whose stream was read to its end and switched off, and an archive that knows it. */
async function afterTheFirst() {
  const fixture = watchFixture();
  const { clock, model, put, once } = fixture;
  put(model.createTable({ TableName: 'T' }).shards[0], 'first');
  model.disableStream('T');
  await once();
  await clock.advance(HOUR);
  return fixture;
}

describe('watch: a new stream that is found late', () => {
  it('records the gap when its beginning was trimmed', async () => {
    const { clock, model, put, once } = await afterTheFirst();
    const begun = clock.now();
    const { StreamArn, shards } = model.enableStream('T');
    put(shards[0], 'lost');
    await clock.advance(20 * HOUR);
    put(shards[0], 'kept');
    await clock.advance(10 * HOUR);
    model.trimByAge(24 * HOUR);
    const { archived, summary } = await once();
    expect(archived).toEqual(['kept']);
    const to = new Date(clock.now() - 24 * HOUR + MINUTE).toISOString();
    expect(summary.gaps).toMatchObject([{ stream: StreamArn, ShardId: shards[0], from: iso(begun), to }]);
    expect((await once()).summary.gaps).toEqual([]);
  });

  it('records no gap when it is younger than 24 hours', async () => {
    const { clock, model, put, once } = await afterTheFirst();
    put(model.enableStream('T').shards[0], 'new');
    await clock.advance(23 * HOUR);
    const { archived, summary } = await once();
    expect(archived).toEqual(['new']);
    expect(summary.gaps).toEqual([]);
  });

  it('records no gap of what came before the first start', async () => {
    const { clock, model, put, once } = watchFixture();
    const { shards } = model.createTable({ TableName: 'T' });
    put(shards[0], 'trimmed');
    await clock.advance(30 * HOUR);
    model.trimByAge(24 * HOUR);
    expect((await once()).summary.gaps).toEqual([]);
  });

  it.each(['without shards', 'not found'])('records the gap, once, when it came and is %s now', async (state) => {
    const { clock, model, put, once, lines } = await afterTheFirst();
    const begun = clock.now();
    const between = model.enableStream('T');
    put(between.shards[0], 'lost');
    model.disableStream('T');
    await clock.advance(HOUR);
    model.enableStream('T');
    await clock.advance(23 * HOUR + 30 * MINUTE);
    model.trimByAge(24 * HOUR);
    const faults: FaultPlan = ({ operation, StreamArn }) =>
      state === 'not found' && operation === 'DescribeStream' && StreamArn === between.StreamArn
        ? FAULTS.notFound
        : undefined;
    const { summary } = await once({}, { faults });
    expect(summary.gaps).toMatchObject([{ stream: between.StreamArn, from: iso(begun) }]);
    expect((await once()).summary.gaps).toEqual([]);
    expect((await lines()).filter(({ type }) => type === 'gap')).toHaveLength(1);
  });
});

const iso = (time: number) => new Date(time).toISOString();
