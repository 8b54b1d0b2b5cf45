import { systemClock } from '../../src/lib/system-clock.js';
import type { ObjectStorage } from '../../src/ports/index.js';
import type { Versions } from '../../src/restore/candidates.js';
import { createObjectEntryReader } from '../../src/restore/object-entry-reader.js';
import { objectSource } from '../../src/restore/object-source.js';
import { restoreItems } from '../../src/restore/restore.js';
import { verifyObjects } from '../../src/verify/verify-objects.js';
import { memoryTables } from './memory-tables.js';
import { type OracleItem, readS3Archive } from './s3-archive-oracle.js';

const KEY = [
  { name: 'PK', keyType: 'HASH', type: 'S' },
  { name: 'SK', keyType: 'RANGE', type: 'B' },
] as const;

/** What is wrong, in words, with what `verify` says of an archive in S3, and with a table into which it is restored. */
export async function checkRestored(storage: ObjectStorage, objects: ReadonlyMap<string, Buffer>): Promise<string[]> {
  const problems: string[] = [];
  const items = readS3Archive(objects);
  const verification = await verifyObjects({
    storage,
    onFinding: ({ kind, file, detail }) => problems.push(`verify: ${kind} ${file} ${detail}`),
  });
  if (verification.items !== items.length)
    problems.push(`verify counts ${verification.items} of ${items.length} items`);
  const expected = [...newestOf(items).values()].map(({ line }): string => JSON.stringify(JSON.parse(line).Item));
  for (const versions of ['newest', 'all'] as const) {
    const { failed, restored } = await restore(storage, versions);
    problems.push(...failed);
    if (JSON.stringify(restored.toSorted(byText)) !== JSON.stringify(expected.toSorted(byText))) {
      problems.push(
        `restoring ${versions} versions leads to ${restored.length} of ${expected.length} items, or others`,
      );
    }
  }
  return problems;
}

async function restore(storage: ObjectStorage, versions: Versions) {
  const failed: string[] = [];
  const client = memoryTables({ transientCalls: 0 });
  await client.createTable({ TableName: 'Orders', keySchema: KEY, viewType: 'OLD_IMAGE' });
  const source = await objectSource(
    {
      storage,
      read: createObjectEntryReader(storage),
      keyNames: KEY.map(({ name }) => name),
      placeOf: (file) => file,
      onDamage: ({ message }) => failed.push(message),
    },
    { versions },
  );
  await restoreItems({
    client,
    table: { TableName: 'Orders', keySchema: KEY },
    sources: [{ source, versions }],
    ttl: { rule: 'keep', attribute: 'ttl' },
    overwrite: false,
    dryRun: false,
    clock: systemClock,
    random: Math.random,
    onFailed: async ({ where, reason }) => void failed.push(`restore: ${where} ${reason}`),
  });
  const restored = [...(client.byName.get('Orders')?.items.values() ?? [])].map((item) => JSON.stringify(item));
  return { failed, restored };
}

/** Of each key the item that was deleted last. */
function newestOf(items: readonly OracleItem[]): Map<string, OracleItem> {
  const newest = new Map<string, OracleItem>();
  for (const item of items) {
    const key = JSON.stringify(item.entry['Keys']);
    const other = newest.get(key);
    if (other === undefined || isLater(item.entry, other.entry)) newest.set(key, item);
  }
  return newest;
}

function isLater(a: OracleItem['entry'], b: OracleItem['entry']): boolean {
  if (a['deletedAt'] !== b['deletedAt']) return String(a['deletedAt']) > String(b['deletedAt']);
  return BigInt(String(a['SequenceNumber'])) > BigInt(String(b['SequenceNumber']));
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1;
}
