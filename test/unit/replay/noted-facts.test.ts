import { describe, expect, it } from 'vitest';
import { notedFacts } from '../../../src/replay/noted-facts.js';
import { writeObjects } from '../../../src/store/object-writer.js';
import { archivedItems } from '../../support/archived-items.js';
import { memoryStorage } from '../../support/memory-storage.js';

const failedUrl = async (objects: Map<string, Buffer>) => (await notedFacts(memoryStorage(objects))).failed;

async function archive(...failed: readonly (string | undefined)[]) {
  const objects = new Map<string, Buffer>();
  const start = Date.UTC(2026, 0, 1) / 1000;
  for (const [number, each] of failed.entries()) {
    const items = archivedItems(1, { from: number, deletedAt: start + number * 3600 });
    await writeObjects(memoryStorage(objects), items, { table: 'Orders', failed: each });
  }
  return objects;
}

describe('notedFacts', () => {
  it('is what the newest manifest says that says anything', async () => {
    expect(await failedUrl(await archive())).toBeUndefined();
    expect(await notedFacts(memoryStorage(await archive(undefined)))).toEqual({ table: 'Orders' });
    expect(await failedUrl(await archive(undefined))).toBeUndefined();
    expect(await failedUrl(await archive('s3://old', 's3://new', undefined))).toBe('s3://new');
    expect(await failedUrl(await archive(...Array.from({ length: 60 }, (_, n) => `s3://f-${n}`)))).toBe('s3://f-59');
  });

  it('passes over a damaged manifest', async () => {
    const objects = await archive('s3://old', 's3://new');
    const [last = ''] = [...objects.keys()]
      .filter((key) => key.startsWith('.'))
      .toSorted()
      .slice(-1);
    objects.set(last, Buffer.from('x'));
    expect(await failedUrl(objects)).toBe('s3://old');
  });
});
