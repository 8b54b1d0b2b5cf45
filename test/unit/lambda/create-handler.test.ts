import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { DeletionRule } from '../../../src/archive/deletion.js';
import { compactArchive } from '../../../src/compact/compact.js';
import { newTotals } from '../../../src/compact/context.js';
import { TtlArchiveError } from '../../../src/errors.js';
import { createHandler } from '../../../src/lambda/create-handler.js';
import type { WireItem } from '../../../src/ports/index.js';
import { changeRecord, DELETED_AT, type SampleRecord } from '../../support/change-record.js';
import { type EventRecord, eventRecord, lambdaEvent } from '../../support/lambda-event.js';
import { memoryStorage, type StorageFault } from '../../support/memory-storage.js';
import { notedLog } from '../../support/noted-log.js';
import { readS3Archive } from '../../support/s3-archive-oracle.js';
import { SETTLED_AT } from '../../support/small-objects.js';

function setUp({ fault, ...rule }: Partial<DeletionRule> & { fault?: StorageFault } = {}) {
  const objects = new Map<string, Buffer>();
  const log = notedLog();
  const handle = createHandler({ storage: memoryStorage(objects, fault), log }, { deletions: 'ttl', ...rule });
  return {
    log,
    objects,
    run: (...records: EventRecord[]) => handle(lambdaEvent(records)),
    archived: () => readS3Archive(objects).map(({ eventID }) => eventID),
  };
}

/** The deletion with the SequenceNumber 100 + `number`. */
function deletion(number: number, more: SampleRecord = {}): EventRecord {
  const { dynamodb, ...outer } = more;
  const SequenceNumber = String(100 + number);
  return eventRecord(changeRecord({ eventID: `e${number}`, ...outer, dynamodb: { SequenceNumber, ...dynamodb } }));
}

const ALL_DONE = { batchItemFailures: [] };
const failedAt = (itemIdentifier: string) => ({ batchItemFailures: [{ itemIdentifier }] });

describe('createHandler', () => {
  it('archives what TTL deleted, as it was sent', async () => {
    const { run, objects, log } = setUp();
    const item: WireItem = { PK: { S: 'ü' }, bytes: { B: 'AP8=' }, set: { NS: ['1.50', '2'] }, ttl: { N: '1' } };
    expect(await run(deletion(1, { dynamodb: { OldImage: item } }), deletion(2))).toEqual(ALL_DONE);
    const [first] = readS3Archive(objects);
    expect(first?.line).toBe(`{"Item":${JSON.stringify(item)}}`);
    expect(first?.entry).toMatchObject({ provenance: 'ttl', deletedAt: new Date(DELETED_AT * 1000).toISOString() });
    expect(log.lines).toMatchObject([{ level: 'info', event: 'batch.archived', facts: { archived: 2, objects: 1 } }]);
    expect(JSON.stringify(log.lines)).not.toContain('ü');
  });

  it('ignores everything else', async () => {
    const { run, objects } = setUp();
    const byHand = deletion(3, { userIdentity: null });
    const byAnother = { ...deletion(4), userIdentity: { type: 'Service', principalId: 'other.amazonaws.com' } };
    const changes = [deletion(1, { eventName: 'INSERT' }), deletion(2, { eventName: 'MODIFY' })];
    expect(await run(...changes, byHand, byAnother)).toEqual(ALL_DONE);
    expect(objects.size).toBe(0);
  });

  it('infers deletions from the TTL attribute where it is told to', async () => {
    const { run, archived } = setUp({ deletions: 'inferred', ttlAttribute: 'ttl' });
    const late = { OldImage: { PK: { S: 'x' }, ttl: { N: String(DELETED_AT + 1000) } } };
    await run(deletion(1, { userIdentity: null }), deletion(2, { userIdentity: null, dynamodb: late }));
    expect(archived()).toEqual(['e1']);
  });

  it('notes in the manifest where Lambda puts what it gives up on, and compact keeps that', async () => {
    const objects = new Map<string, Buffer>();
    const storage = memoryStorage(objects);
    const handle = createHandler({ storage, log: notedLog(), failed: 's3://failed' }, { deletions: 'ttl' });
    await handle(lambdaEvent([deletion(1)]));
    await handle(lambdaEvent([deletion(2)]));
    const headers = () =>
      [...objects]
        .filter(([key]) => key.startsWith('.'))
        .map(([, content]) => JSON.parse(gunzipSync(content).toString().split('\n', 1)[0] ?? ''));
    expect(headers()).toMatchObject([{ failed: 's3://failed' }, { failed: 's3://failed' }]);
    const clock = { now: () => SETTLED_AT };
    const signal = new AbortController().signal;
    await compactArchive({ storage, totals: newTotals(), onDamage: () => undefined, clock, signal });
    expect(headers()).toMatchObject([{ failed: 's3://failed', merged: [expect.any(String), expect.any(String)] }]);
  });

  it('answers an empty batch', async () => {
    expect(await setUp().run()).toEqual(ALL_DONE);
  });

  it.each<[what: string, poison: EventRecord]>([
    ['has no OldImage', deletion(2, { dynamodb: { OldImage: undefined } })],
    ['has an OldImage of null', deletion(2, { dynamodb: { OldImage: null } })],
    ['has an OldImage that is no item', deletion(2, { dynamodb: { OldImage: { PK: 'x' } } })],
    ['has no Keys', deletion(2, { dynamodb: { Keys: undefined } })],
    ['has no eventID', { ...deletion(2), eventID: undefined }],
    ['has a time that is no number', deletion(2, { dynamodb: { ApproximateCreationDateTime: 'now' } })],
  ])('archives what comes before a record that %s, and reports it alone', async (_, poison) => {
    const { run, archived, log } = setUp();
    const other = deletion(4, { dynamodb: { OldImage: undefined } });
    expect(await run(deletion(1), poison, deletion(3), other)).toEqual(failedAt('102'));
    expect(archived()).toEqual(['e1']);
    expect(log.lines.at(-1)).toMatchObject({
      level: 'error',
      event: 'record.rejected',
      facts: { SequenceNumber: '102' },
    });
  });

  it.each<[what: string, poison: unknown]>([
    ['has no SequenceNumber', { ...deletion(2), dynamodb: {} }],
    ['is null', null],
  ])(
    'throws at a record that %s, after it has archived what comes before: Lambda bisects the batch',
    async (_, poison) => {
      const { run, archived } = setUp();
      await expect(run(deletion(1), poison as EventRecord, deletion(3))).rejects.toThrow('SequenceNumber');
      expect(archived()).toEqual(['e1']);
    },
  );

  it('throws when S3 fails: it has acknowledged nothing', async () => {
    const fault: StorageFault = ({ key }, done) => {
      if (!done && key.startsWith('.')) throw new TtlArchiveError('THROTTLED', 'SlowDown');
    };
    const { run, archived, log } = setUp({ fault });
    await expect(run(deletion(1), deletion(2, { dynamodb: { Keys: undefined } }))).rejects.toThrow('SlowDown');
    expect(archived()).toEqual([]);
    expect(log.lines).toMatchObject([
      { level: 'error', event: 'batch.failed', facts: { code: 'THROTTLED', records: 2 } },
    ]);
  });

  it.each([[{}], [null], [{ Records: [{ kinesis: {} }] }], [{ Records: 'x' }]])(
    'refuses the event %j, which is none of DynamoDB Streams',
    async (event) => {
      const handle = createHandler({ storage: memoryStorage(), log: notedLog() }, { deletions: 'ttl' });
      await expect(handle(event)).rejects.toMatchObject({ code: 'VALIDATION' });
    },
  );
});
