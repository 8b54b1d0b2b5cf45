import { readdir, rm } from 'node:fs/promises';
import { describe, it } from 'vitest';
import type { WireItem } from '../../src/ports/index.js';
import { watch } from '../../src/watch/watch.js';
import { readSoundArchive, temporaryFolders } from '../support/archive-folder.js';
import { CallError, SWEEPING_LOCALS } from '../support/dynamodb-local.js';
import { eventually } from '../support/eventually.js';
import { createLocalTable, type LocalTableInput } from '../support/local-table.js';
import { notedLog } from '../support/noted-log.js';

const folder = temporaryFolders();

interface Exercise extends LocalTableInput {
  readonly name: string;
  /** Deleted by TTL. */
  readonly expiring: (ttl: string) => WireItem[];
  /** Changed and deleted by hand. */
  readonly byHand: WireItem;
}

const EXERCISES: Exercise[] = [
  {
    name: 'as it stands',
    ttlAttribute: 'ttl',
    expiring: (ttl) => [{ PK: { S: 'session-1' }, ttl: { N: ttl }, cart: { L: [{ S: 'tea' }, { N: '2' }] } }],
    byHand: { PK: { S: 'session-2' }, cart: { S: 'empty' } },
  },
  {
    name: 'with a composite key, another TTL attribute, and two items of one ttl',
    keys: { user: 'N', at: 'B' },
    ttlAttribute: 'expires-at',
    viewType: 'NEW_AND_OLD_IMAGES',
    expiring: (ttl) => [
      { user: { N: '1' }, at: { B: 'AAE=' }, 'expires-at': { N: ttl } },
      { user: { N: '1' }, at: { B: 'AAI=' }, 'expires-at': { N: ttl } },
    ],
    byHand: { user: { N: '2' }, at: { B: 'AAE=' } },
  },
];

// All tables wait for the same sweep of TTL, which DynamoDB Local makes every 10 seconds.
describe.concurrent.each(SWEEPING_LOCALS)('the exercise, on DynamoDB Local $version', ({ version, endpoint }) => {
  it.for(EXERCISES)('archives what TTL deletes and nothing else, $name', async (exercise, { expect }) => {
    // 1. The table with TTL and a stream.
    const table = await createLocalTable(endpoint, exercise);
    const { TableName } = table;
    const out = await folder();
    const log = notedLog();
    const stop = new AbortController();
    // 2. The archiver.
    const connection = { endpointUrl: endpoint };
    const watching = watch({ table: TableName, out, connection, signal: stop.signal }, { log });
    try {
      // 3. Items that expire; 4. one that is changed and deleted by hand.
      const expiring = exercise.expiring(String(Math.floor(Date.now() / 1000) + 1));
      const { byHand } = exercise;
      for (const item of [...expiring, byHand, { ...byHand, changed: { BOOL: true } }]) await table.put(item);
      await table.delete(byHand);
      const count = expiring.length;
      // 5. INSERT, MODIFY and the deletion by hand are ignored, and told.
      await eventually(async () => watching.progress().ignored.remove === 1);
      // 6. What TTL deletes is archived.
      await eventually(async () => watching.progress().archived === count, { timeoutMs: 50_000 });
      stop.abort();
      const ignored = { insert: count + 1, modify: 1, remove: 1, unknown: 0 };
      expect(await watching.done).toMatchObject({ archived: count, ignored, records: 2 * count + 3, gaps: [] });
      const sums: Record<string, number> = {};
      for (const { level, event, facts } of log.lines) {
        if (event !== 'records.ignored') continue;
        expect(level).toBe('info');
        for (const [name, value] of Object.entries(facts)) {
          if (name !== 'ShardId') sums[name] = (sums[name] ?? 0) + Number(value);
        }
      }
      expect(sums).toEqual({ INSERT: count + 1, MODIFY: 1, 'REMOVE (not TTL)': 1 });
      expect(JSON.stringify(log.lines.filter(({ level }) => level !== 'debug'))).not.toMatch(/session-|AAE=|tea/);

      // 7. Each file is exactly its item, ready for PutItem.
      const { items, files } = await readSoundArchive(out);
      const provenance = version === '3.3.1' ? 'ddb-local' : 'ttl';
      expect(items.map((item) => item.provenance)).toEqual(expiring.map(() => provenance));
      const archived = [...files.values()].map((text): WireItem => JSON.parse(text));
      expect(archived).toHaveLength(count);
      expect(archived).toEqual(expect.arrayContaining(expiring));
      for (const item of archived) {
        expect(await table.get(item)).toBeUndefined();
        await table.put(item);
        expect(await table.get(item)).toEqual(item);
      }
    } finally {
      stop.abort();
      await watching.done.catch(() => undefined);
    }
    // 8. Cleaning up leaves nothing.
    await table.drop();
    await rm(out, { recursive: true });
    await expect(table.latestStream()).rejects.toThrow(CallError);
    await expect(readdir(out)).rejects.toThrow('ENOENT');
  });
});
