import { describe, expect, it } from 'vitest';
import { type ArchiveFacts, openArchiveFile, readArchiveFile } from '../../../src/journal/archive-file.js';
import { MemoryDisk } from '../../support/memory-disk.js';
import { DIRECTORY, FIRST_FILE } from './journal-fixture.js';

const FILE = `${DIRECTORY}/archive.json`;
const WANTED: ArchiveFacts = {
  table: 'TTLTest',
  layout: 'segments',
  format: 'item',
  compress: true,
  ttlAttribute: 'ttl',
};

describe('openArchiveFile', () => {
  it('creates the file durably and reads it again', async () => {
    const disk = new MemoryDisk();
    expect(await openArchiveFile({ disk }, DIRECTORY, WANTED)).toEqual(WANTED);
    const found = disk.crash({ random: () => 0 });
    expect(JSON.parse(found.content(FILE)?.toString() ?? '')).toEqual({ version: 1, ...WANTED });
    const before = found.mutations;
    expect(await openArchiveFile({ disk: found }, DIRECTORY, WANTED)).toEqual(WANTED);
    expect(found.mutations - before).toBe(1); // the folder, which is there
    expect(await readArchiveFile({ disk: found }, DIRECTORY)).toEqual(WANTED);
  });

  it.each<[Partial<ArchiveFacts>, string]>([
    [{ table: 'Other\u0007' }, 'belongs to table TTLTest, not Other\\u0007.'],
    [{ layout: 'files' }, 'has the layout segments, not files.'],
    [{ format: 'plain' }, 'has the format item, not plain.'],
    [{ compress: false }, 'has the compression gzip, not none.'],
  ])('throws TABLE for %j in an archive with other settings', async (other, words) => {
    const disk = new MemoryDisk();
    await openArchiveFile({ disk }, DIRECTORY, WANTED);
    await expect(openArchiveFile({ disk }, DIRECTORY, { ...WANTED, ...other })).rejects.toMatchObject({
      code: 'TABLE',
      message: expect.stringContaining(words),
      remedy: expect.stringContaining('--out'),
    });
    expect(await readArchiveFile({ disk }, DIRECTORY)).toEqual(WANTED);
  });

  it('adopts another TTL attribute of the table, and keeps the last one when it has none', async () => {
    const disk = new MemoryDisk();
    await openArchiveFile({ disk }, DIRECTORY, WANTED);
    await openArchiveFile({ disk }, DIRECTORY, { ...WANTED, ttlAttribute: 'expires' });
    const { ttlAttribute: _, ...none } = WANTED;
    expect(await openArchiveFile({ disk }, DIRECTORY, none)).toMatchObject({ ttlAttribute: 'expires' });
    expect(await readArchiveFile({ disk }, DIRECTORY)).toMatchObject({ ttlAttribute: 'expires' });
  });

  it('throws JOURNAL when the file is missing beside a journal', async () => {
    const disk = new MemoryDisk();
    disk.put(FIRST_FILE, '');
    await expect(openArchiveFile({ disk }, DIRECTORY, WANTED)).rejects.toMatchObject({ code: 'JOURNAL' });
  });
});

describe('readArchiveFile', () => {
  it('returns undefined when there is no archive', async () => {
    expect(await readArchiveFile({ disk: new MemoryDisk() }, DIRECTORY)).toBeUndefined();
  });

  it.each(['', 'malformed', '{}', '{"version":1}', '{"version":2}', '[]'])(
    'throws JOURNAL when it holds %j',
    async (content) => {
      const disk = new MemoryDisk();
      disk.put(FILE, content);
      await expect(readArchiveFile({ disk }, DIRECTORY)).rejects.toMatchObject({
        code: 'JOURNAL',
        message: expect.stringContaining(FILE),
      });
    },
  );
});
