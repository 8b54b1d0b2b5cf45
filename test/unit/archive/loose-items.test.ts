import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createFailureList } from '../../../src/archive/failure-list.js';
import { readChunks, readLooseItems } from '../../../src/archive/loose-items.js';
import { MemoryDisk } from '../../support/memory-disk.js';
import { sampleItem } from '../../support/sample-archive.js';

async function read(content: string | Uint8Array, piece = 7, keyNames = ['PK']) {
  const bytes = Buffer.from(content);
  const chunks = async function* () {
    for (let start = 0; start < bytes.length; start += piece) yield bytes.subarray(start, start + piece);
  };
  const found = [];
  for await (const { where, decoded } of readLooseItems(chunks(), { name: 'in', keyNames }))
    found.push({ where, ...decoded });
  return found;
}

const a = { PK: { S: 'a' }, umlaut: { S: 'ä\u0000"' } };
const b = { PK: { S: 'b' } };

describe('readLooseItems', () => {
  it('reads one item a line, wrapped or bare, and whole records', async () => {
    const record = { eventID: '1', eventName: 'REMOVE', dynamodb: { Keys: b, OldImage: b } };
    const text = `${JSON.stringify(a)}\n\n${JSON.stringify({ Item: b })}\r\n${JSON.stringify(record)}`;
    for (const piece of [1, 7, 1000]) {
      expect(await read(text, piece)).toEqual([
        { where: 'in:1', item: a },
        { where: 'in:3', item: b },
        { where: 'in:4', item: b },
      ]);
    }
  });

  it('reads gzip of several members', async () => {
    const members = [a, b].map((item) => gzipSync(`${JSON.stringify({ Item: item })}\n`));
    expect((await read(Buffer.concat(members))).map((found) => ('item' in found ? found.item : found))).toEqual([a, b]);
  });

  it('reads one item over many lines', async () => {
    expect(await read(JSON.stringify(a, null, 2))).toEqual([{ where: 'in', item: a }]);
  });

  it('tells a wrapped item from an item with an attribute of that name', async () => {
    const own = { PK: { S: 'x' }, Item: { M: { PK: { S: 'inner' } } } };
    expect(await read(JSON.stringify(own))).toEqual([{ where: 'in:1', item: own }]);
    expect(await read('{"Item":{"M":{"M":{"M":{}}}}}', 7, ['Item'])).toMatchObject([
      { item: { Item: { M: { M: { M: {} } } } } },
    ]);
  });

  it('keeps attributes with the names of an object’s own', async () => {
    const [found] = await read(
      '{"PK":{"S":"x"},"__proto__":{"N":"1"},"constructor":{"M":{"__proto__":{"NULL":true}}}}',
    );
    expect(JSON.stringify(found)).toContain('"__proto__":{"N":"1"},"constructor":{"M":{"__proto__":{"NULL":true}}}');
  });

  it.each([
    ['{"PK":"plain","n":1}', /plain/],
    ['[1]', /not a JSON object/],
    ['nonsense', /not valid JSON/],
    ['{"SK":{"S":"x"}}', /no key attribute PK/],
    ['{"eventID":"1","dynamodb":{}}', /no OldImage/],
    ['{"PK":{"S":"x"},"bad":{"SS":[1]}}', /not DynamoDB JSON/],
    [`{"PK":${'{"L":['.repeat(100_000)}`, /not valid JSON|too deeply/],
  ])('tells why %s cannot be restored', async (text, problem) => {
    expect(await read(text)).toEqual([
      { where: expect.stringMatching(/^in/), problem: expect.stringMatching(problem) },
    ]);
  });

  it('gives nothing for nothing, and refuses damaged gzip', async () => {
    expect(await read('')).toEqual([]);
    await expect(read(gzipSync('x'.repeat(1000)).subarray(0, 20))).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('createFailureList', () => {
  it('writes what is read again, and no file when nothing fails', async () => {
    const disk = new MemoryDisk();
    const none = createFailureList({ disk, path: '/none.ndjson' });
    await none.close();
    expect(await disk.size('/none.ndjson')).toBeUndefined();
    const list = createFailureList({ disk, path: '/failed.ndjson' });
    await Promise.all([
      list.add({ item: sampleItem(1), where: 'x.json', reason: 'too large' }),
      list.add({ where: 'y.json', reason: 'missing' }),
    ]);
    await list.close();
    const found = [];
    const chunks = readChunks(disk, '/failed.ndjson');
    for await (const { decoded } of readLooseItems(chunks, { name: 'f', keyNames: ['PK'] })) found.push(decoded);
    expect(found).toEqual([{ item: sampleItem(1) }, { problem: expect.any(String) }]);
  });
});
