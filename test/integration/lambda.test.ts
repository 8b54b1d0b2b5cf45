import { describe, it } from 'vitest';
import { classify } from '../../src/archive/deletion.js';
import { createHandler } from '../../src/lambda/create-handler.js';
import type { ChangeRecord, WireItem } from '../../src/ports/index.js';
import { TTL_SERVICE } from '../support/change-record.js';
import { SWEEPING_LOCALS } from '../support/dynamodb-local.js';
import { eventually } from '../support/eventually.js';
import { eventRecord, lambdaEvent } from '../support/lambda-event.js';
import { createLocalTable } from '../support/local-table.js';
import { memoryStorage } from '../support/memory-storage.js';
import { notedLog } from '../support/noted-log.js';
import { readS3Archive } from '../support/s3-archive-oracle.js';
import { filterPattern, passes } from '../support/template.js';

describe.concurrent.each(SWEEPING_LOCALS)('the Lambda handler, on DynamoDB Local $version', (local) => {
  it('archives what TTL deletes, and nothing else, in batches as Lambda makes them', async ({ expect }) => {
    const table = await createLocalTable(local.endpoint, { ttlAttribute: 'ttl', viewType: 'NEW_AND_OLD_IMAGES' });
    const ttl = { N: String(Math.floor(Date.now() / 1000) + 1) };
    const expiring: WireItem[] = [
      { PK: { S: 'a' }, ttl, tags: { SS: ['x', 'y'] }, bytes: { B: 'AP8=' }, n: { N: '12345678901234567890.5' } },
      { PK: { S: 'b' }, ttl, deep: { M: { list: { L: [{ NULL: true }, { BOOL: false }, { BS: ['AA=='] }] } } } },
      { PK: { S: 'c\u0000"ü' }, ttl },
    ];
    const byHand = { PK: { S: 'by hand' } };
    for (const item of [...expiring, byHand, { ...byHand, changed: { BOOL: true } }]) await table.put(item);
    await table.delete(byHand);
    const records = await eventually(
      async () => {
        const sent = await table.records();
        return sent.length === 2 * expiring.length + 3 && sent;
      },
      { timeoutMs: 50_000, intervalMs: 500 },
    );
    const objects = new Map<string, Buffer>();
    const handle = createHandler({ storage: memoryStorage(objects), log: notedLog() }, { deletions: 'ttl' });
    for (let from = 0; from < records.length; from += 4) {
      const batch = records.slice(from, from + 4).map(eventRecord);
      expect(await handle(lambdaEvent(batch))).toEqual({ batchItemFailures: [] });
    }
    const lines = readS3Archive(objects).map(({ line }) => line);
    expect(lines.map((line): unknown => JSON.parse(line).Item)).toEqual(expect.arrayContaining(expiring));
    expect(lines).toHaveLength(expiring.length);
    const sent = records.flatMap(({ eventName, dynamodb: { OldImage, Keys } }) =>
      eventName === 'MODIFY' || Keys['PK']?.['S'] === 'by hand' || OldImage === undefined ? [] : [OldImage],
    );
    expect(lines.toSorted()).toEqual(sent.map((image) => `{"Item":${JSON.stringify(image)}}`).toSorted());
  });
});

// Version 3 marks deletions by TTL in a way of its own, which AWS does not know.
const [{ endpoint }] = SWEEPING_LOCALS;

describe('the Lambda handler', () => {
  it('is given by the filter of the template exactly what it archives', async ({ expect }) => {
    const table = await createLocalTable(endpoint, { ttlAttribute: 'ttl', viewType: 'NEW_AND_OLD_IMAGES' });
    const ttl = { N: String(Math.floor(Date.now() / 1000) + 1) };
    for (const PK of [{ S: 'a' }, { S: 'b' }]) await table.put({ PK, ttl });
    await table.put({ PK: { S: 'by hand' } });
    await table.put({ PK: { S: 'by hand' }, changed: { BOOL: true } });
    await table.delete({ PK: { S: 'by hand' } });
    const isDone = (sent: readonly ChangeRecord[]) => sent.length === 7 && sent;
    const records = await eventually(async () => isDone(await table.records()), { timeoutMs: 50_000, intervalMs: 500 });
    const others = records.flatMap((record) => [
      { ...record, userIdentity: null },
      { ...record, userIdentity: TTL_SERVICE },
      { ...record, userIdentity: { Type: 'Service', PrincipalId: 'other.amazonaws.com' } },
      { ...record, userIdentity: { Type: 'AssumedRole', PrincipalId: 'dynamodb.amazonaws.com' } },
    ]);
    const all = [...records, ...others];
    const archived = all.filter((record) => classify(record, { deletions: 'ttl' }).kind === 'archive');
    expect(all.filter((record) => passes(filterPattern('ttl'), eventRecord(record)))).toEqual(archived);
    expect(archived.filter((record) => records.includes(record))).toHaveLength(2);
    // Which of them had expired is for the handler to see.
    const removals = all.filter(({ eventName }) => eventName === 'REMOVE');
    expect(all.filter((record) => passes(filterPattern('inferred'), eventRecord(record)))).toEqual(removals);
  });
});
