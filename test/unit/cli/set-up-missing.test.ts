import { describe, expect, it } from 'vitest';
import { setUpMissing } from '../../../src/cli/set-up-missing.js';
import { memoryTables } from '../../support/memory-tables.js';
import { notedLog } from '../../support/noted-log.js';

function bench() {
  const tables = memoryTables();
  return {
    tables,
    context: { tables, clock: { now: () => 0, monotonic: () => 0, sleep: async () => undefined }, log: notedLog() },
  };
}

describe('setUpMissing', () => {
  it('creates no empty table when the table may be in another database of the same server', async () => {
    const { tables, context } = bench();
    await expect(setUpMissing(context, { table: 'Orders', mayCreate: false })).rejects.toMatchObject({
      code: 'TABLE_NOT_FOUND',
      remedy: expect.stringMatching(/-sharedDb.*AWS_ACCESS_KEY_ID.*--region/s),
      commands: [{ program: 'ttl-archive', args: ['setup', '--table', 'Orders'] }],
    });
    expect(tables.byName.size).toBe(0);
  });

  it('creates a missing table where it may, and does not change an existing one', async () => {
    const { tables, context } = bench();
    await setUpMissing(context, { table: 'Orders', mayCreate: true });
    expect([...tables.byName.keys()]).toEqual(['Orders']);
    await setUpMissing(context, { table: 'Orders', mayCreate: false });
  });
});
