import { describe, expect, it } from 'vitest';
import { tearDownTable } from '../../../src/table/tear-down-table.js';
import { memoryTables } from '../../support/memory-tables.js';
import { simulatedClock } from '../../support/simulated-clock.js';

async function bench() {
  const tables = memoryTables({ transientCalls: 3 });
  await tables.createTable({ TableName: 'T', keySchema: [], viewType: 'OLD_IMAGE' });
  const clock = simulatedClock();
  return { tables, tearDown: () => clock.runUntil(tearDownTable({ tables, clock }, 'T')) };
}

describe('tearDownTable', () => {
  it('deletes the table and waits until it is gone', async () => {
    const { tables, tearDown } = await bench();
    expect(await tearDown()).toBe('deleted');
    expect(tables.byName.size).toBe(0);
  });

  it('waits for a deletion that is in progress', async () => {
    const { tables, tearDown } = await bench();
    await tables.deleteTable('T');
    expect(await tearDown()).toBe('deleted');
    expect(tables.byName.size).toBe(0);
    expect(tables.changes).toEqual(['createTable', 'deleteTable']);
  });

  it('reports that there is no table', async () => {
    const { tables, tearDown } = await bench();
    tables.byName.clear();
    expect(await tearDown()).toBe('missing');
  });
});
