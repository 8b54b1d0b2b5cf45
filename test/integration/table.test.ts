import { afterAll, describe, it } from 'vitest';
import { ServerClock } from '../../src/aws/server-clock.js';
import { createStreamsClient } from '../../src/aws/streams-client.js';
import { createTablesClient } from '../../src/aws/tables-client.js';
import { systemClock } from '../../src/lib/system-clock.js';
import { doctor } from '../../src/table/doctor.js';
import { parseKeySchema } from '../../src/table/key-schema.js';
import { putAndWait } from '../../src/table/put-and-wait.js';
import { setUpTable } from '../../src/table/set-up-table.js';
import { tearDownTable } from '../../src/table/tear-down-table.js';
import { SWEEPING_LOCALS, uniqueTable } from '../support/dynamodb-local.js';

describe.concurrent.each(SWEEPING_LOCALS)('the jobs on tables, on DynamoDB Local $version', ({ endpoint }) => {
  const awsTime = new ServerClock(systemClock);
  const onDate = (date: string) => awsTime.setDate(date);
  const tables = createTablesClient({ endpointUrl: endpoint }, { onDate });
  const streams = createStreamsClient({ endpointUrl: endpoint }, { onDate });
  const context = { tables, streams, clock: systemClock, awsTime };
  afterAll(() => {
    tables.close();
    streams.close();
  });

  it('sets a table up once, checks it, and tears it down', async ({ expect }) => {
    const table = uniqueTable('SetUp');
    const settings = { table, keySchema: parseKeySchema('a:B,b:N'), ttlAttribute: 'x', viewType: 'OLD_IMAGE' };
    expect(await setUpTable(context, settings)).toMatchObject({ created: true, switchedTtlOn: true });
    expect(await setUpTable(context, settings)).toMatchObject({ created: false, switchedTtlOn: false });
    await expect(setUpTable(context, { ...settings, viewType: 'NEW_IMAGE' })).rejects.toMatchObject({ code: 'TABLE' });
    const checks = await doctor(context, { table, scan: true });
    expect(checks.filter(({ result }) => result === 'warn' || result === 'fail')).toEqual([]);
    expect(checks).toContainEqual(expect.objectContaining({ check: 'clock', result: 'ok' }));
    expect(await tearDownTable(context, table)).toBe('deleted');
    expect(await tearDownTable(context, table)).toBe('missing');
    expect((await doctor(context, { table, scan: true }))[0]).toMatchObject({
      result: 'fail',
      code: 'TABLE_NOT_FOUND',
    });
  });

  it.for(['PK:S', 'PK:N,SK:B'])(
    'puts items with the key %s and waits until they are gone',
    async (keySchema, { expect }) => {
      const table = uniqueTable('Put');
      const settings = { table, keySchema: parseKeySchema(keySchema), ttlAttribute: 'ttl', viewType: 'OLD_IMAGE' };
      await setUpTable(context, settings);
      const gone = await putAndWait(context, { table, count: 3, ttlSeconds: 1, intervalMs: 200, timeoutMs: 40_000 });
      expect(gone).toHaveLength(3);
      await tearDownTable(context, table);
    },
  );
});
