import { describe, expect, it } from 'vitest';
import { parseKeySchema } from '../../../src/table/key-schema.js';
import { setUpTable, type TableSettings } from '../../../src/table/set-up-table.js';
import { memoryTables } from '../../support/memory-tables.js';
import { simulatedClock } from '../../support/simulated-clock.js';

const WANTED: TableSettings = { table: 'T', ttlAttribute: 'ttl', viewType: 'OLD_IMAGE' };

function bench(options: { transientCalls?: number } = {}) {
  const tables = memoryTables(options);
  const clock = simulatedClock();
  const setUp = (settings: TableSettings = WANTED) => clock.runUntil(setUpTable({ tables, clock }, settings));
  return { tables, clock, setUp };
}

const SWITCH_OFF = ['--stream-specification', 'StreamEnabled=false'];

describe('setUpTable', () => {
  it('creates a missing table with stream and TTL on and waits until it is ACTIVE', async () => {
    const { tables, setUp } = bench({ transientCalls: 3 });
    expect(await setUp()).toMatchObject({
      created: true,
      switchedTtlOn: true,
      switchedStreamOn: false,
      description: {
        TableStatus: 'ACTIVE',
        keySchema: [{ name: 'PK', keyType: 'HASH', type: 'S' }],
        stream: { enabled: true, viewType: 'OLD_IMAGE' },
      },
    });
    expect(tables.byName.get('T')?.timeToLive).toEqual({ status: 'ENABLED', attribute: 'ttl' });
    expect(tables.changes).toEqual(['createTable', 'updateTimeToLive']);
  });

  it('changes nothing the second time', async () => {
    const { tables, setUp } = bench();
    await setUp({ ...WANTED, keySchema: parseKeySchema('PK:B,SK:N') });
    const before = tables.changes.length;
    expect(await setUp({ ...WANTED, keySchema: parseKeySchema('PK:B,SK:N') })).toMatchObject({
      created: false,
      switchedTtlOn: false,
      switchedStreamOn: false,
    });
    expect(tables.changes).toHaveLength(before);
  });

  it('switches on what is off and accepts a key schema that nobody asked about', async () => {
    const { tables, setUp } = bench();
    await tables.createTable({ TableName: 'T', keySchema: parseKeySchema('id:N'), viewType: 'OLD_IMAGE' });
    const table = tables.byName.get('T');
    if (table !== undefined) table.description = { ...table.description, stream: { enabled: false } };
    expect(await setUp()).toMatchObject({ created: false, switchedTtlOn: true, switchedStreamOn: true });
    expect(tables.changes).toEqual(['createTable', 'enableStream', 'updateTimeToLive']);
    expect(table?.description.TableStatus).toBe('ACTIVE');
  });

  it('accepts TTL that is still ENABLING', async () => {
    const { tables, setUp } = bench();
    await setUp();
    const table = tables.byName.get('T');
    if (table !== undefined) table.timeToLive = { status: 'ENABLING', attribute: 'ttl' };
    expect(await setUp()).toMatchObject({ switchedTtlOn: false });
  });

  it('says all that differs and changes nothing when a setting is another', async () => {
    const { tables, setUp } = bench();
    await setUp({ ...WANTED, ttlAttribute: 'expires', viewType: 'KEYS_ONLY' });
    const before = tables.changes.length;
    await expect(setUp({ ...WANTED, keySchema: parseKeySchema('PK:N') })).rejects.toMatchObject({
      code: 'TABLE',
      message:
        'Table "T" exists with different settings: its key schema is "PK:S", not "PK:N"; its TTL attribute is "expires", not ' +
        '"ttl"; its stream\'s view type is KEYS_ONLY, not OLD_IMAGE.',
      // KEYS_ONLY cannot be archived, so accepting it is no way out.
      commands: [
        { program: 'aws', args: [...'dynamodb update-table --table-name T'.split(' '), ...SWITCH_OFF] },
        { program: 'ttl-archive', args: ['setup', '--table', 'T', '--ttl-attribute', 'expires'] },
      ],
    });
    expect(tables.changes).toHaveLength(before);
  });

  it('switches nothing on when another setting differs', async () => {
    const { tables, setUp } = bench();
    await tables.createTable({ TableName: 'T', keySchema: parseKeySchema('PK'), viewType: 'NEW_IMAGE' });
    await expect(setUp()).rejects.toMatchObject({ code: 'TABLE', message: expect.stringContaining('NEW_IMAGE') });
    expect(tables.changes).toEqual(['createTable']);
  });

  it('refuses a table whose TTL is being switched off, or that is being deleted', async () => {
    const { tables, setUp } = bench({ transientCalls: 9 });
    await setUp();
    const table = tables.byName.get('T');
    if (table !== undefined) table.timeToLive = { status: 'DISABLING', attribute: 'ttl' };
    await expect(setUp()).rejects.toMatchObject({ code: 'TABLE', message: expect.stringContaining('switched off') });
    await tables.deleteTable('T');
    await expect(setUp()).rejects.toMatchObject({ code: 'TABLE', message: expect.stringContaining('being deleted') });
  });

  it('gives up after ten minutes', async () => {
    const { clock, setUp } = bench({ transientCalls: 100_000 });
    const start = clock.now();
    await expect(setUp()).rejects.toMatchObject({ code: 'TIMEOUT', message: expect.stringContaining('CREATING') });
    expect(clock.now() - start).toBe(600_000);
  });

  it('stops waiting when the signal aborts', async () => {
    const tables = memoryTables({ transientCalls: 100_000 });
    const clock = simulatedClock();
    const stop = new AbortController();
    const working = setUpTable({ tables, clock, signal: stop.signal }, WANTED);
    await clock.advance(5000);
    stop.abort(new Error('stopped by the user'));
    await expect(working).rejects.toThrow('stopped by the user');
  });
});
