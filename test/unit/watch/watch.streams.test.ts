import { describe, expect, it } from 'vitest';
import { type InProcessOptions, inProcessStreams } from '../../support/in-process-streams.js';
import {
  type Call,
  FAULTS,
  type Fault,
  type FaultPlan,
  replicatedTtlDelete,
  StreamModel,
  ttlDelete,
} from '../../support/streams-server.js';
import { watchFixture } from './watch-fixture.js';

const MINUTE = 60_000;

/** A table whose stream was read once, and after which two more came: each holds a deletion. */
async function replacedTwice(how: 'recreate' | 'switch' = 'switch') {
  const fixture = watchFixture();
  const { model, put, once } = fixture;
  const old = model.createTable({ TableName: 'T' });
  put(old.shards[0], 'seen');
  await once();
  put(old.shards[0], 'unseen');
  const replace = () => {
    if (how === 'recreate') return model.recreateTable({ TableName: 'T' });
    model.disableStream('T');
    return model.enableStream('T');
  };
  const between = replace();
  put(between.shards[0], 'between');
  const latest = replace();
  put(latest.shards[0], 'latest');
  return { ...fixture, old, between, latest };
}

/** Counts the calls of ListStreams. */
function counting(fault?: Fault): InProcessOptions & { count: number } {
  const options = {
    count: 0,
    faults: ({ operation }: { operation: string }) => {
      if (operation !== 'ListStreams') return undefined;
      options.count++;
      return fault;
    },
  };
  return options;
}

describe('watch: streams that came and went', () => {
  it.each(['recreate', 'switch'] as const)('reads all of them in order when the table did %s twice', async (how) => {
    const { once, lines, latest } = await replacedTwice(how);
    const { archived, summary } = await once();
    expect(archived).toEqual(['unseen', 'between', 'latest']);
    expect(summary).toMatchObject({ gaps: [], stream: latest.StreamArn });
    const ended = (await lines()).filter((line) => line.type === 'checkpoint' && line.position === 'SHARD_END');
    expect(ended).toHaveLength(2);
  });

  it('reads them when the old one was read to its end before', async () => {
    const { model, put, once } = watchFixture();
    put(model.createTable({ TableName: 'T' }).shards[0], 'old');
    model.disableStream('T');
    expect((await once()).archived).toEqual(['old']);
    put(model.enableStream('T').shards[0], 'between');
    model.disableStream('T');
    put(model.enableStream('T').shards[0], 'latest');
    expect((await once()).archived).toEqual(['between', 'latest']);
    expect((await once()).archived).toEqual([]);
  });

  it('reads them when it follows', async () => {
    const { clock, model, put, start } = watchFixture();
    model.settings.listPageSize = 1;
    const old = model.createTable({ TableName: 'T' });
    const run = start();
    await clock.advance(MINUTE);
    put(old.shards[0], 'old');
    for (const key of ['between', 'between too', 'latest']) {
      model.disableStream('T');
      put(model.enableStream('T').shards[0], key);
    }
    await clock.advance(5 * MINUTE);
    expect(run.archived).toEqual(['old', 'between', 'between too', 'latest']);
    expect((await run.stop()).gaps).toEqual([]);
  });

  it('reads a new stream from its beginning when it follows from latest', async () => {
    const { clock, model, put, start } = watchFixture();
    const old = model.createTable({ TableName: 'T' });
    put(old.shards[0], 'before');
    const run = start({ from: 'latest' });
    await clock.advance(MINUTE);
    put(old.shards[0], 'old');
    model.disableStream('T');
    put(model.enableStream('T').shards[0], 'new');
    await clock.advance(MINUTE);
    expect(run.archived).toEqual(['old', 'new']);
    await run.stop();
  });

  it('infers deletions by the TTL attribute that the table has when it comes back', async () => {
    const { clock, model, start } = watchFixture();
    const putExpired = (shard: string | undefined, key: string, attribute: string) =>
      model.put(shard ?? '', replicatedTtlDelete({ PK: { S: key }, [attribute]: { N: '1700000000' } }));
    const old = model.createTable({ TableName: 'T' });
    const run = start({ deletions: 'inferred' });
    await clock.advance(MINUTE);
    putExpired(old.shards[0], 'old', 'ttl');
    putExpired(model.recreateTable({ TableName: 'T', ttlAttribute: 'expires' }).shards[0], 'new', 'expires');
    await clock.advance(MINUTE);
    expect(run.archived).toEqual(['old', 'new']);
    putExpired(model.recreateTable({ TableName: 'T', ttlAttribute: null }).shards[0], 'newest', 'expires');
    await clock.advance(MINUTE);
    expect(run.archived).toEqual(['old', 'new', 'newest']);
    await run.stop();
  });

  it('reads the new stream when its table is gone again before DescribeTimeToLive', async () => {
    const { clock, model, put, start } = watchFixture();
    const tools = inProcessStreams(model);
    model.createTable({ TableName: 'T' });
    const describeTimeToLive = async (name: string) => {
      const isNew = model.table(name).ttlAttribute === 'expires';
      if (isNew) model.deleteTable(name);
      return tools.tables.describeTimeToLive(name);
    };
    const run = start({}, { tools: { tables: { ...tools.tables, describeTimeToLive } } });
    await clock.advance(MINUTE);
    put(model.recreateTable({ TableName: 'T', ttlAttribute: 'expires' }).shards[0], 'new');
    await clock.advance(MINUTE);
    expect(run.archived).toEqual(['new']);
    await run.stop();
  });

  it('reads a shard of the old one that no listing had shown when its parent ended', async () => {
    const { model, put, once } = watchFixture();
    model.createTable({ TableName: 'T' });
    await once();
    const [shard = ''] = model.recreateTable({ TableName: 'T' }).shards;
    await once();
    const child = model.rollover(shard);
    put(child, 'of the child');
    model.hide(child);
    await once();
    model.show(child);
    put(model.recreateTable({ TableName: 'T' }).shards[0], 'new');
    expect((await once()).archived).toEqual(['of the child', 'new']);
  });

  it('logs nothing about an old one that was read to its end and is gone', async () => {
    const { clock, model, put, once } = watchFixture();
    const { StreamArn } = model.createTable({ TableName: 'T' });
    model.disableStream('T');
    await once();
    await clock.advance(MINUTE);
    model.streams.delete(StreamArn);
    put(model.enableStream('T').shards[0], 'new');
    const { archived, log } = await once();
    expect(archived).toEqual(['new']);
    expect(log.lines.map(({ message }) => message)).not.toContain('the stream is gone');
  });

  it('reads the new one at once when DynamoDB Local has forgotten the old one', async () => {
    const { clock, model, put, once } = watchFixture({ region: 'ddblocal' });
    const { StreamArn } = model.createTable({ TableName: 'T' });
    await once();
    await clock.advance(MINUTE);
    put(model.recreateTable({ TableName: 'T' }).shards[0], 'new');
    model.streams.delete(StreamArn);
    const calls: unknown[] = [];
    const onCall = ({ operation, input }: Call) =>
      void (operation === 'DescribeStream' && calls.push(input['StreamArn']));
    const { archived, log } = await once({}, { onCall });
    expect(archived).toEqual(['new']);
    expect(log.lines.map(({ message }) => message)).toContain('DynamoDB Local has forgotten the stream');
    expect(calls.filter((asked) => asked === StreamArn)).toHaveLength(1);
  });

  it('reads the old one when it is not found a few times', async () => {
    const { once, old } = await replacedTwice();
    let left = 3;
    const faults: FaultPlan = ({ operation, StreamArn }) =>
      operation === 'DescribeStream' && StreamArn === old.StreamArn && left-- > 0 ? FAULTS.notFound : undefined;
    const { archived, summary } = await once({}, { faults });
    expect(archived).toEqual(['unseen', 'between', 'latest']);
    expect(summary.gaps).toEqual([]);
  });

  it('reads the new one when the old one is never found again', async () => {
    const { model, once, old, clock } = await replacedTwice();
    model.streams.delete(old.StreamArn);
    const begun = clock.now();
    expect((await once()).archived).toEqual(['between', 'latest']);
    expect(clock.now() - begun).toBeLessThan(MINUTE);
  });

  it('reads those in between after it was stopped in the old one', async () => {
    const { start, once } = await replacedTwice();
    const run = start();
    await run.stop();
    expect([...run.archived, ...(await once()).archived]).toEqual(['unseen', 'between', 'latest']);
  });

  it('lists the streams only when the table has a new one and an older one is known', async () => {
    const { model, put, once } = watchFixture();
    const calls = counting();
    put(model.createTable({ TableName: 'T' }).shards[0], 'a');
    await once({}, calls);
    await once({}, calls);
    expect(calls.count).toBe(0);
    model.recreateTable({ TableName: 'T' });
    await once({}, calls);
    expect(calls.count).toBe(1);
    await once({}, calls);
    expect(calls.count).toBe(1);
  });

  it.each([
    { refusal: FAULTS.accessDenied, when: 'the permission is missing' },
    { refusal: { ...FAULTS.accessDenied, type: 'UnknownOperationException' }, when: 'an emulator lacks the call' },
  ])('warns and reads the old and the latest one when $when', async ({ refusal }) => {
    const { once } = await replacedTwice();
    const { archived, log } = await once({}, counting(refusal));
    expect(archived).toEqual(['unseen', 'latest']);
    expect(log.lines.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual([
      expect.stringContaining('allow dynamodb:ListStreams'),
    ]);
  });

  it('ends at once when it is stopped during ListStreams', async () => {
    const { clock, start } = await replacedTwice();
    const run = start({}, counting(FAULTS.throttling));
    await clock.advance(MINUTE);
    const stoppedAt = clock.now();
    expect(await run.stop()).toMatchObject({ records: 0, gaps: [] });
    expect(clock.now()).toBe(stoppedAt);
  });
});

describe('watch: streams of another region or account', () => {
  it('keeps their state, logs it, and reads them in a run that connects there', async () => {
    const { clock, model, put, once, lines } = watchFixture();
    const { StreamArn, shards } = model.createTable({ TableName: 'T' });
    put(shards[0], 'seen');
    await once();
    put(shards[0], 'unseen');
    const other = new StreamModel({ now: () => clock.now(), region: 'eu-west-1' });
    other.put(other.createTable({ TableName: 'T' }).shards[0] ?? '', ttlDelete({ PK: { S: 'elsewhere' } }));
    const { archived, log, summary } = await once({}, { tools: inProcessStreams(other) });
    expect(archived).toEqual(['elsewhere']);
    expect(summary.gaps).toEqual([]);
    expect(log.lines.filter(({ level }) => level === 'warn')).toEqual([
      {
        level: 'warn',
        event: 'stream.skipped',
        message: expect.stringContaining('another region or account'),
        facts: { StreamArn },
      },
    ]);
    const last = (await lines()).findLast((line) => line.type === 'checkpoint' && line.stream === StreamArn);
    expect(last).not.toMatchObject({ position: 'SHARD_END' });
    expect((await once()).archived).toEqual(['unseen']);
  });
});
