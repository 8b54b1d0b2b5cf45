import { describe, expect, it } from 'vitest';
import { journalSource } from '../../../src/restore/candidates.js';
import { createEntryReader } from '../../../src/restore/entry-reader.js';
import { readEventList } from '../../../src/restore/event-list.js';
import { MemoryDisk } from '../../support/memory-disk.js';
import { journalOf, sampleItem, writeSampleArchive } from '../../support/sample-archive.js';

async function* chunksOf(text: string, size = 7) {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const read = (text: string) => readEventList(chunksOf(text), 'x.ndjson');

describe('readEventList', () => {
  it('reads lines, and what jq formats over many lines or puts into an array, and counts repeated items once', async () => {
    for (const text of [
      '{"eventID":"a","file":"é"}\n{"eventID":"b"}\n{"eventID":"a"}',
      '{\n  "eventID": "a"\n}\n{\n  "eventID": "b",\n  "Keys": {}\n}\n',
      '[{"eventID":"a"},\n{"eventID":"b"}]',
    ]) {
      const list = await read(text);
      expect([list.size, list.missing, list.find('a'), list.find('a'), list.find('c'), list.missing]).toEqual([
        2,
        2,
        true,
        true,
        false,
        1,
      ]);
    }
  });

  it.each([
    ['{"eventID":"a"}\n{"file":"b"}\n', 2],
    ['{"eventID":1}\n', 1],
    ['{"eventID":"a"}\n{"eventID":', 2],
    ['session-1\n', 1],
  ])('rejects %j, and names the line', async (text, line) => {
    await expect(read(text)).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining(`Line ${line} of x.ndjson`),
    });
  });

  it('selects the listed versions of an archive, and tells which are missing', async () => {
    const disk = new MemoryDisk();
    const items = [sampleItem(0), sampleItem(1), sampleItem(0, { n: { N: '2' } }), sampleItem(0, { n: { N: '3' } })];
    await writeSampleArchive({ disk, directory: '/archive', items });
    const input = {
      journal: journalOf(disk, '/archive'),
      read: createEntryReader({ disk, directory: '/archive' }),
      keyNames: ['PK'],
    };
    for (const [versions, count] of [
      ['newest', 1],
      ['all', 2],
    ] as const) {
      const events = await read('{"eventID":"event-0"}{"eventID":"event-2"}{"eventID":"other"}');
      const source = await journalSource(input, { versions, events });
      const decoded = [];
      for await (const candidate of source.candidates()) decoded.push(await candidate.load());
      expect([source.count, decoded.length, events.missing]).toEqual([count, count, 1]);
      expect(decoded.at(-1)).toMatchObject({ item: { n: { N: '2' } } });
    }
  });
});
