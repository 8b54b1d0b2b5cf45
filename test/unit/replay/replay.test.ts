import { describe, expect, it } from 'vitest';
import { openGaps } from '../../../src/replay/open-gaps.js';
import { receiptOf } from '../../../src/replay/receipts.js';
import { type LeftBatch, newReplayTotals, type ReplayOptions, replay } from '../../../src/replay/replay.js';
import { changeRecord, type SampleRecord } from '../../support/change-record.js';
import { failedInvocation } from '../../support/failed-invocation.js';
import { eventRecord } from '../../support/lambda-event.js';
import { memoryStorage, type StorageFault } from '../../support/memory-storage.js';
import { readS3Archive } from '../../support/s3-archive-oracle.js';

const LOCATION = { bucket: 'failed', prefix: '' };

function deletion(number: number, more: SampleRecord = {}) {
  const { dynamodb, ...outer } = more;
  const SequenceNumber = String(100 + number);
  return eventRecord(changeRecord({ eventID: `e${number}`, ...outer, dynamodb: { SequenceNumber, ...dynamodb } }));
}

const POISON = deletion(2, { dynamodb: { OldImage: undefined } });

function setUp(objects: readonly (readonly [string, Buffer])[], location = LOCATION) {
  const onFailure = new Map(objects);
  const archive = new Map<string, Buffer>();
  const place = { storage: memoryStorage(onFailure), location };
  return {
    onFailure,
    archive,
    archived: () => readS3Archive(archive).map(({ eventID }) => eventID),
    receipts: () => [...archive.keys()].filter((key) => key.startsWith('.ttl-archive/replayed/')),
    async run(options: Partial<ReplayOptions> = {}, fault?: StorageFault) {
      const left: LeftBatch[] = [];
      const totals = newReplayTotals();
      const context = {
        failed: place,
        archive: memoryStorage(archive, fault),
        totals,
        onLeft: (each: LeftBatch) => void left.push(each),
        signal: new AbortController().signal,
      };
      await replay(context, { table: 'Orders', rule: { deletions: 'ttl' }, ...options });
      return { ...totals, leftBatches: left };
    },
    async gaps(table: string | undefined = 'Orders') {
      const gaps = [];
      for await (const gap of openGaps(place, memoryStorage(archive), table)) gaps.push(gap);
      return gaps;
    },
  };
}

describe('replay', () => {
  it.each(['text', 'object'] as const)('archives the batch of a payload that is %s, once', async (payload) => {
    const byHand = deletion(3, { userIdentity: null });
    const object = failedInvocation({ records: [deletion(1), byHand, deletion(2)], id: '1', payload });
    const { run, archived, onFailure, receipts, gaps } = setUp([object]);
    expect(await gaps()).toMatchObject([
      {
        bucket: 'failed',
        key: object[0],
        table: 'Orders',
        shardId: 'shardId-00000001573689847184-864758bb',
        startSequenceNumber: '101',
        endSequenceNumber: '102',
        firstAt: '2026-11-23T12:00:00Z',
        lastAt: '2026-11-23T12:00:59Z',
        records: 3,
      },
    ]);
    expect(await run()).toMatchObject({ batches: 1, archived: 2, ignored: 1, left: 0 });
    expect(archived()).toEqual(['e1', 'e2']);
    expect(receipts()).toEqual([receiptOf({ bucket: 'failed', key: object[0] })]);
    expect(await gaps()).toEqual([]);
    expect(onFailure.size).toBe(1);
    expect(await run()).toMatchObject({ batches: 0, archived: 0, replayedBefore: 1 });
  });

  it('deletes what is archived when it is told to, also what an earlier run has archived', async () => {
    const { run, onFailure, archived } = setUp([
      failedInvocation({ records: [deletion(1)], id: '1' }),
      failedInvocation({ records: [POISON], id: '2' }),
    ]);
    await run();
    await run({ delete: true, dryRun: true });
    expect(onFailure.size).toBe(2);
    await run({ delete: true });
    expect([...onFailure.keys()]).toEqual([expect.stringMatching(/-2$/)]);
    expect(archived()).toEqual(['e1']);
  });

  it('archives what it can of a batch, and leaves it', async () => {
    const object = failedInvocation({ records: [deletion(1), POISON, null, deletion(3)], id: '1' });
    const { run, archived, receipts, gaps } = setUp([object]);
    const outcome = await run({ delete: true });
    expect(archived()).toEqual(['e1', 'e3']);
    expect(outcome).toMatchObject({ batches: 0, archived: 2, left: 1 });
    expect(outcome.leftBatches).toMatchObject([
      { key: object[0], SequenceNumber: '102', reason: 'it is a deletion without its OldImage' },
      { SequenceNumber: undefined, reason: 'it is not a record of DynamoDB Streams' },
    ]);
    expect(receipts()).toEqual([]);
    expect(await gaps()).toHaveLength(1);
  });

  it('leaves the batches of other tables alone', async () => {
    const streamArn = 'arn:aws:dynamodb:eu-west-1:123456789012:table/Carts/stream/2026-11-23T00:00:00.000';
    const { run, archive, gaps } = setUp([failedInvocation({ records: [deletion(1)], id: '1', streamArn })]);
    expect(await run()).toMatchObject({ otherTables: 1, left: 0, batches: 0 });
    expect(archive.size).toBe(0);
    expect(await gaps()).toEqual([]);
    expect(await gaps('Carts')).toHaveLength(1);
  });

  it('takes the key of an object as a whole, whatever prefix it was given', async () => {
    const [key, content] = failedInvocation({ records: [deletion(1)], id: '1' });
    const { archive, run } = setUp([[key.slice('aws/'.length), content]], { bucket: 'failed', prefix: 'aws' });
    await run();
    const whole = setUp([[key, content]]);
    for (const [name, receipt] of archive) whole.archive.set(name, receipt);
    expect(await whole.run()).toMatchObject({ replayedBefore: 1, batches: 0 });
  });

  const written = (name: string) => failedInvocation({ records: [], id: name })[0];
  it.each<[what: string, key: string, content: string, counts: object]>([
    ['no JSON', written('x'), '{', { left: 1 }],
    ['JSON of something else', written('x'), '[1]', { left: 1 }],
    ['no JSON, at another place', 'notes.txt', 'hello', { unrelated: 1, left: 0 }],
    ['JSON nested deeply', written('x'), '['.repeat(100_000), { left: 1 }],
    [
      'a stream of something else',
      written('x'),
      JSON.stringify({ DDBStreamBatchInfo: { shardId: 's', streamArn: 'x' } }),
      { left: 1 },
    ],
    ['nothing', written('x'), '', { left: 1 }],
  ])('is not led astray by an object with %s', async (_, key, content, counts) => {
    const { run, gaps, archive } = setUp([
      [key, Buffer.from(content)],
      failedInvocation({ records: [deletion(1)], id: '1' }),
    ]);
    expect(await run()).toMatchObject({ batches: 1, ...counts });
    expect(await gaps()).toHaveLength('unrelated' in counts ? 0 : 1);
    expect([...archive.keys()].every((name) => /^(year=2026|\.ttl-archive)\//.test(name))).toBe(true);
  });

  it.each<[what: string, invocation: Parameters<typeof failedInvocation>[0]]>([
    ['without its payload', { records: [deletion(1)], id: '1', payload: 'none' }],
    ['without records', { records: [], id: '1' }],
  ])('leaves a batch %s', async (_, invocation) => {
    const { run, archive, gaps } = setUp([failedInvocation(invocation)]);
    expect(await run()).toMatchObject({
      left: 1,
      batches: 0,
      leftBatches: [{ reason: expect.stringContaining('event') }],
    });
    expect(archive.size).toBe(0);
    expect(await gaps()).toHaveLength(1);
  });

  it('changes nothing with dryRun', async () => {
    const { run, archive, onFailure } = setUp([failedInvocation({ records: [deletion(1)], id: '1' })]);
    expect(await run({ dryRun: true, delete: true })).toMatchObject({ batches: 1, archived: 1 });
    expect([archive.size, onFailure.size]).toEqual([0, 1]);
  });

  it('gives no receipt before the items are archived, killed at any of its calls', async () => {
    for (let call = 1, isKilled = true; isKilled; call++) {
      const { run, receipts, archived, gaps } = setUp([
        failedInvocation({ records: [deletion(1), deletion(2)], id: '1' }),
      ]);
      let calls = 0;
      isKilled = await run({}, (_, done) => {
        if (!done) calls++;
        if (calls >= call) throw new Error('killed');
      }).then(
        () => false,
        () => true,
      );
      const isDone = receipts().length > 0;
      expect(!isDone || archived().length === 2).toBe(true);
      expect(await gaps()).toHaveLength(isDone ? 0 : 1);
      await run();
      expect(archived()).toEqual(['e1', 'e2']);
      expect(await gaps()).toEqual([]);
    }
  });
});
