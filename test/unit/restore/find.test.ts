import { describe, expect, it } from 'vitest';
import type { WireItem } from '../../../src/ports/index.js';
import { findInFolder } from '../../../src/restore/find-in-folder.js';
import { type KeyQuery, parseKey } from '../../../src/restore/key-text.js';
import { MemoryDisk } from '../../support/memory-disk.js';
import { writeSampleArchive } from '../../support/sample-archive.js';

const DIRECTORY = '/archive';
const STATE = `${DIRECTORY}/.ttl-archive`;

async function archiveOf(items: readonly WireItem[], keys = ['PK']): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  await writeSampleArchive({ disk, directory: DIRECTORY, items, keys });
  return disk;
}

/** SequenceNumbers of the versions found, as plain numbers. */
async function find(disk: MemoryDisk, query: KeyQuery): Promise<number[]> {
  const entries = await findInFolder({ disk, state: STATE }, query, {});
  return entries.map(({ SequenceNumber }) => Number(SequenceNumber));
}

describe('findInFolder', () => {
  it('returns all versions of a key, the newest last, and no other key', async () => {
    const names = ['a', 'b', 'a', 'ab', 'a"', 'a'];
    const disk = await archiveOf(names.map((S) => ({ PK: { S } })));
    expect(await find(disk, [{ PK: { S: 'a' } }])).toEqual([0, 2, 5]);
    expect(await find(disk, [{ PK: { S: 'a"' } }])).toEqual([4]);
    expect(await find(disk, [{ PK: { S: 'c' } }])).toEqual([]);
  });

  it('does not mistake an attribute for a key, or one key attribute for the other', async () => {
    const disk = await archiveOf(
      [
        { PK: { S: 'x' }, SK: { S: 'y' } },
        { PK: { S: 'y' }, SK: { S: 'x' } },
        { PK: { S: '"SK":{"S":"x"}' }, SK: { S: 'z' } },
      ],
      ['PK', 'SK'],
    );
    expect(await find(disk, [{ SK: { S: 'x' } }])).toEqual([1]);
    expect(await find(disk, [{ SK: { S: 'y' }, PK: { S: 'x' } }])).toEqual([0]);
  });

  it('returns the entries as they were committed', async () => {
    const disk = new MemoryDisk();
    const [entry] = await writeSampleArchive({ disk, directory: DIRECTORY, items: [{ PK: { N: '1.0' } }] });
    for (const N of ['1', '1.0']) {
      expect(await findInFolder({ disk, state: STATE }, [{ PK: { N } }], {})).toEqual([entry]);
    }
  });

  it('finds a number in any spelling, on either side', async () => {
    const disk = await archiveOf([{ PK: { N: '100' } }, { PK: { N: '1.50' } }]);
    expect(await find(disk, [{ PK: { N: '1e2' } }])).toEqual([0]);
    expect(await find(disk, [{ PK: { N: '1.5' } }])).toEqual([1]);
  });

  it('finds a bare value of any type, in the order of the journal', async () => {
    const disk = await archiveOf([{ PK: { N: '1234' } }, { PK: { B: '1234' } }, { PK: { S: '1234' } }]);
    expect(await find(disk, parseKey('1234', ['PK']))).toEqual([0, 1, 2]);
  });
});
