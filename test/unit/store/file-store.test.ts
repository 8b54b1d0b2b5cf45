import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ItemStore, Written } from '../../../src/ports/index.js';
import { openFileStore } from '../../../src/store/file-store.js';
import { archivedItems } from '../../support/archived-items.js';
import { type DiskOperation, MemoryDisk } from '../../support/memory-disk.js';

const DIRECTORY = '/archive';

async function open(disk = new MemoryDisk()): Promise<{ disk: MemoryDisk; store: ItemStore }> {
  return { disk, store: await openFileStore({ disk }, { directory: DIRECTORY }) };
}

function collector(): { commits: Written[]; commit: (written: Written) => Promise<void> } {
  const commits: Written[] = [];
  return {
    commits,
    commit: async (written) => {
      commits.push(written);
    },
  };
}

/** Counts an operation through a fault rule that never fails it. */
function count(disk: MemoryDisk, wanted: DiskOperation): { calls: number } {
  const counter = { calls: 0 };
  disk.failWhen((operation) => {
    if (operation === wanted) counter.calls++;
    return undefined;
  });
  return counter;
}

describe('openFileStore', () => {
  it('writes each item with a line feed and commits its hash and size', async () => {
    const { disk, store } = await open();
    const items = archivedItems(3);
    const { commits, commit } = collector();
    await store.write(items, commit);
    expect(commits).toHaveLength(1);
    expect(commits[0]?.segments).toBeUndefined();
    for (const [index, entry] of (commits[0]?.items ?? []).entries()) {
      const item = items[index];
      const content = disk.content(`${DIRECTORY}/${entry.file}`);
      expect(content?.toString()).toBe(`${item?.body}\n`);
      expect(entry).toEqual({
        ...item?.record,
        file: item?.fileName,
        size: content?.length,
        sha256: createHash('sha256')
          .update(content ?? '')
          .digest('hex'),
      });
    }
    expect(disk.paths()).toHaveLength(3);
  });

  it('commits only what survives a power cut', async () => {
    const { disk, store } = await open();
    let after: MemoryDisk | undefined;
    await store.write(archivedItems(5), async () => {
      after = disk.crash({ random: () => 0 });
    });
    expect(after?.paths()).toHaveLength(5);
    for (const path of after?.paths() ?? []) expect(after?.content(path)?.at(-1)).toBe(10);
  });

  it('writes the same bytes to the same names when a page is archived again', async () => {
    const { disk, store } = await open();
    const { commits, commit } = collector();
    await store.write(archivedItems(3), commit);
    await store.write(archivedItems(3), commit);
    expect(commits[1]).toEqual(commits[0]);
    expect(disk.paths()).toHaveLength(3);
  });

  it('removes temporary files that a dead process left', async () => {
    const disk = new MemoryDisk();
    disk.put(`${DIRECTORY}/.ttl-archive/tmp/7`, 'half an it');
    await open(disk);
    expect(disk.paths()).toEqual([]);
  });

  it('shares one sync of the folder among the pages that wait', async () => {
    const { disk, store } = await open();
    const syncs = count(disk, 'syncDirectory');
    const { commits, commit } = collector();
    await Promise.all(
      Array.from({ length: 20 }, (_, page) => store.write(archivedItems(2, { from: page * 2 }), commit)),
    );
    expect(commits).toHaveLength(20);
    expect(syncs.calls).toBeLessThanOrEqual(10);
  });

  it('writes at most 512 files at a time, over all pages', async () => {
    const disk = new MemoryDisk();
    let running = 0;
    let most = 0;
    const replace = disk.replace.bind(disk);
    disk.replace = async (...call) => {
      most = Math.max(most, ++running);
      await replace(...call).finally(() => running--);
    };
    const { store } = await open(disk);
    const { commits, commit } = collector();
    await Promise.all([0, 1, 2].map((page) => store.write(archivedItems(250, { from: page * 250 }), commit)));
    expect(commits).toHaveLength(3);
    expect(most).toBe(512);
  });

  it('commits nothing of a page and rejects when one of its files failed', async () => {
    const { disk, store } = await open();
    const [, , third] = archivedItems(5);
    disk.failWhen((operation, path) =>
      operation === 'rename' && path.endsWith(third?.fileName ?? '?') ? 'ENOSPC' : undefined,
    );
    const { commits, commit } = collector();
    await expect(store.write(archivedItems(5), commit)).rejects.toThrow(expect.objectContaining({ code: 'DISK' }));
    expect(commits).toEqual([]);
    disk.failWhen(undefined);
    await store.write(archivedItems(5), commit);
    expect(commits).toHaveLength(1);
  });

  it('commits nothing when the folder cannot be synced', async () => {
    const { disk, store } = await open();
    disk.failNext('syncDirectory', 'EIO');
    const { commits, commit } = collector();
    await expect(store.write(archivedItems(1), commit)).rejects.toThrow(expect.objectContaining({ code: 'DISK' }));
    expect(commits).toEqual([]);
  });

  it('rejects with the error of the commit', async () => {
    const { store } = await open();
    const failing = store.write(archivedItems(1), () => Promise.reject(new Error('journal')));
    await expect(failing).rejects.toThrow('journal');
  });

  it('commits an empty page without using the disk', async () => {
    const { disk, store } = await open();
    const before = disk.mutations;
    const { commits, commit } = collector();
    await store.write([], commit);
    expect(commits).toEqual([{ items: [] }]);
    expect(disk.mutations).toBe(before);
    await store.close();
  });
});
