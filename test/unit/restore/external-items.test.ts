import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readChunks } from '../../../src/lib/read-chunks.js';
import { readExternalItems } from '../../../src/restore/external-items.js';
import { createFailureList } from '../../../src/restore/failure-list.js';
import { MemoryDisk } from '../../support/memory-disk.js';
import { sampleItem } from '../../support/sample-archive.js';

async function read(content: string | Uint8Array, piece = 7, keyNames = ['PK']) {
  const bytes = Buffer.from(content);
  const chunks = async function* () {
    for (let start = 0; start < bytes.length; start += piece) yield bytes.subarray(start, start + piece);
  };
  const found = [];
  for await (const { where, decoded } of readExternalItems(chunks(), { name: 'in', keyNames }))
    found.push({ where, ...decoded });
  return found;
}

const a = { PK: { S: 'a' }, umlaut: { S: 'ä\u0000"' } };
const b = { PK: { S: 'b' } };

describe('readExternalItems', () => {
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
    expect(await read(JSON.stringify(a, null, 2))).toEqual([{ where: 'in:1', item: a }]);
  });

  it('distinguishes a wrapped item from an item with an attribute named Item', async () => {
    const own = { PK: { S: 'x' }, Item: { M: { PK: { S: 'inner' } } } };
    expect(await read(JSON.stringify(own))).toEqual([{ where: 'in:1', item: own }]);
    expect(await read('{"Item":{"M":{"M":{"M":{}}}}}', 7, ['Item'])).toMatchObject([
      { item: { Item: { M: { M: { M: {} } } } } },
    ]);
  });

  it('keeps attributes named like members of every object', async () => {
    const [found] = await read(
      '{"PK":{"S":"x"},"__proto__":{"N":"1"},"constructor":{"M":{"__proto__":{"NULL":true}}}}',
    );
    expect(JSON.stringify(found)).toContain('"__proto__":{"N":"1"},"constructor":{"M":{"__proto__":{"NULL":true}}}');
  });

  it.each([
    ['{"PK":"plain","n":1}', /^it is plain JSON, which has lost the types/],
    ['{"Item":{"PK":"plain"}}', /^its Item is plain JSON/],
    ['{"eventID":"1","dynamodb":{"OldImage":{"PK":"plain"}}}', /^the OldImage of the stream record is plain JSON/],
    ['{"eventName":"MODIFY","dynamodb":{"OldImage":{"PK":{"S":"x"}}}}', /an INSERT or MODIFY/],
    ['null', /not a JSON object/],
    ['[1]', /not valid JSON/],
    ['nonsense', /not valid JSON/],
    ['{"SK":{"S":"x"}}', /no key attribute PK/],
    ['{"eventID":"1","dynamodb":{}}', /no OldImage/],
    ['{"PK":{"S":"x"},"bad":{"SS":[1]}}', /not DynamoDB JSON/],
    [`{"PK":${'{"L":['.repeat(100_000)}`, /not valid JSON|too deeply/],
  ])('reports why an item cannot be restored (%#)', async (text, problem) => {
    expect(await read(text)).toEqual([
      { where: expect.stringMatching(/^in/), problem: expect.stringMatching(problem) },
    ]);
  });

  it('returns nothing for an empty input, and the items before the damage in gzip data', async () => {
    expect(await read('')).toEqual([]);
    const lines = Array.from({ length: 50_000 }, (_, index) => JSON.stringify({ PK: { S: `${index * 7919}` } }));
    const found = await read(gzipSync(lines.join('\n')).subarray(0, 100_000), 10_000);
    expect(found.length).toBeGreaterThan(1000);
    expect(found.slice(0, -1).every((one) => 'item' in one)).toBe(true);
    expect(found.at(-1)).toEqual({ where: 'in', problem: expect.stringContaining('gzip') });
  });

  it('loses a damaged first line, but not the following ones', async () => {
    const good = Array.from({ length: 1000 }, (_, index) => JSON.stringify({ PK: { S: `${index}` } }));
    for (const bad of ['{"PK":{"S":"cut', '{"PK":{"S":"a"}', 'nonsense', '{"PK":', '']) {
      const found = await read([bad, ...good].join('\n'), 1000);
      expect(found.filter((one) => 'item' in one)).toHaveLength(1000);
      expect(found.filter((one) => 'problem' in one)).toHaveLength(bad === '' ? 0 : 1);
    }
  });

  it('reads the items of other TTL archives', async () => {
    const record = (item: object, more = {}) => ({
      eventID: '1',
      eventName: 'REMOVE',
      dynamodb: { OldImage: item, ...more },
    });
    const items = async (content: string | Uint8Array) =>
      (await read(content, 5)).map((one) => ('item' in one ? one.item : one));
    // Firehose writes records without separators.
    expect(await items(JSON.stringify(record(a)) + JSON.stringify(record(b)))).toEqual([a, b]);
    const event = { Records: [record(a), record(b)].map((one) => ({ ...one, userIdentity: { type: 'Service' } })) };
    expect(await items(JSON.stringify(event))).toEqual([a, b]);
    expect(await items(JSON.stringify([{ Item: a }, b], null, 2))).toEqual([a, b]);
    const text = `${JSON.stringify(a)}\r\n${JSON.stringify(b)}`;
    expect(await items(`\ufeff${text}`)).toEqual([a, b]);
    const utf16 = Buffer.from(`\ufeff${text}`, 'utf16le');
    expect(await items(utf16)).toEqual([a, b]);
    expect(await items(Buffer.from(utf16).swap16())).toEqual([a, b]);
    expect(await items(gzipSync(utf16))).toEqual([a, b]);
  });

  it('reads the time of a stream record in seconds and in milliseconds', async () => {
    const deleted = { at: 1_795_446_313_000, SequenceNumber: '123' };
    for (const ApproximateCreationDateTime of [1_795_446_313, 1_795_446_313_000]) {
      const dynamodb = { ApproximateCreationDateTime, SequenceNumber: '123', OldImage: a };
      expect(await read(JSON.stringify({ eventID: '1', dynamodb }))).toEqual([{ where: 'in:1', item: a, deleted }]);
    }
  });
});

describe('createFailureList', () => {
  it('writes a list that can be read again, and no file when nothing fails', async () => {
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
    for await (const { decoded } of readExternalItems(chunks, { name: 'f', keyNames: ['PK'] })) found.push(decoded);
    expect(found).toEqual([{ item: sampleItem(1) }, { problem: expect.any(String) }]);
  });
});
