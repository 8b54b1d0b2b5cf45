import type { ServerResponse } from 'node:http';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createStreamsClient } from '../../../src/aws/streams-client.js';
import { createTablesClient } from '../../../src/aws/tables-client.js';
import { errorKindOf } from '../../../src/errors.js';
import type { StreamsClient, TablesClient } from '../../../src/ports/index.js';
import { type AwsEndpoint, answerJson, startAwsEndpoint } from '../../support/aws-endpoint.js';

// What src/aws relies on in the SDK: this fails when a new version handles requests and responses in another way.

const RECORD = {
  eventID: 'e1',
  eventName: 'REMOVE',
  somethingNew: { of: 'AWS' },
  dynamodb: {
    Keys: { PK: { S: 'k' } },
    OldImage: {
      PK: { S: 'k' },
      b: { B: 'AQID/w==' },
      bs: { BS: ['AA==', ''] },
      n: { N: '12345678901234567890123456789012345678.00' },
      ns: { NS: ['1.0', '1e2'] },
      text: { S: 'grün ✓ 🌍' },
      future: { QQ: [1, null, { x: true }] },
    },
    SequenceNumber: '100000000000000000001',
    ApproximateCreationDateTime: 1795446300,
  },
};

let endpoint: AwsEndpoint;
let streams: StreamsClient;
let tables: TablesClient;
let answer: (response: ServerResponse, text: string) => void;

beforeEach(async () => {
  endpoint = await startAwsEndpoint(({ text }, response) => answer(response, text));
  streams = createStreamsClient({ endpointUrl: endpoint.url, region: 'eu-west-1' });
  tables = createTablesClient({ endpointUrl: endpoint.url, region: 'eu-west-1' });
});

afterEach(async () => {
  streams.close();
  tables.close();
  await endpoint.close();
});

const getRecords = () => streams.getRecords({ ShardIterator: 'it' });

describe('callWire', () => {
  it('reports the next iterator and the size of the response before it returns the records', async () => {
    const page = { Records: [RECORD], NextShardIterator: 'next' };
    answer = (response) => answerJson(response, page);
    const order: unknown[] = [];
    const got = streams.getRecords({ ShardIterator: 'it' }, undefined, (...told) => order.push(told) > 0);
    order.push((await got).Records.length);
    expect(order).toEqual([['next', Buffer.byteLength(JSON.stringify(page))], 1]);
  });

  it('returns records exactly as they were sent, unknown attributes and types included', async () => {
    const page = { Records: [RECORD], NextShardIterator: 'next' };
    answer = (response) => answerJson(response, page);
    const got = await getRecords();
    expect(got.Records).toStrictEqual([RECORD]);
    expect(got.NextShardIterator).toBe('next');
    expect(got.bytes).toBe(Buffer.byteLength(JSON.stringify(page)));
  });

  it('sends items as wire JSON, signed over exactly that text', async () => {
    answer = (response) => answerJson(response, {});
    const item = RECORD.dynamodb.OldImage;
    await tables.putItem({ TableName: 'T', item, ifAbsent: ['PK', 'SK'] });
    const [call] = endpoint.calls;
    expect(JSON.parse(call?.text ?? '')).toStrictEqual({
      TableName: 'T',
      Item: item,
      ConditionExpression: 'attribute_not_exists(#k0) AND attribute_not_exists(#k1)',
      ExpressionAttributeNames: { '#k0': 'PK', '#k1': 'SK' },
    });
    expect(call?.headers['content-length']).toBe(String(Buffer.byteLength(call?.text ?? '')));
    expect(call?.headers['x-amz-target']).toBe('DynamoDB_20120810.PutItem');
    expect(call?.headers.authorization).toMatch(
      /Credential=dummy\/\d{8}\/eu-west-1\/dynamodb\/.*Signature=[0-9a-f]{64}/,
    );
  });

  it('returns an item exactly as it was sent', async () => {
    const item = RECORD.dynamodb.OldImage;
    answer = (response) => answerJson(response, { Item: item });
    expect(await tables.getItem({ TableName: 'T', key: { PK: { B: 'AQ==' } } })).toStrictEqual(item);
    expect(JSON.parse(endpoint.calls[0]?.text ?? '')).toStrictEqual({
      TableName: 'T',
      Key: { PK: { B: 'AQ==' } },
      ConsistentRead: true,
    });
    answer = (response) => answerJson(response, {});
    expect(await tables.getItem({ TableName: 'T', key: { PK: { S: 'x' } } })).toBeUndefined();
  });

  it('accepts a response whose checksum is right', async () => {
    const body = JSON.stringify({ Records: [RECORD] });
    answer = (response) => answerJson(response, { Records: [RECORD] }, 200, { 'x-amz-crc32': String(crc32(body)) });
    expect((await getRecords()).Records).toHaveLength(1);
  });

  it('rejects a response whose checksum is wrong', async () => {
    answer = (response) => answerJson(response, { Records: [] }, 200, { 'x-amz-crc32': '1' });
    await expect(getRecords()).rejects.toMatchObject({ code: 'BAD_RESPONSE' });
  });

  it.each(['', '{"Records":[', '<html>', 'null', '[]', '"x"', '{"Records":[]}x'])(
    'refuses the successful answer %j',
    async (text) => {
      answer = (response) => response.end(text);
      await expect(getRecords()).rejects.toMatchObject({ code: 'BAD_RESPONSE' });
    },
  );

  it('is of the kind retry when fewer bytes come than were announced', async () => {
    answer = (response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write('{"Records":[]}', () => response.destroy());
    };
    const error = await getRecords().catch((reason: unknown) => reason);
    expect(errorKindOf(error)).toBe('retry');
  });

  it('is of the kind retry when a chunked response is cut short', async () => {
    answer = (response) => {
      response.writeHead(200, { 'transfer-encoding': 'chunked' });
      response.write('{"Records":[]}', () => response.destroy());
    };
    const error = await getRecords().catch((reason: unknown) => reason);
    expect(errorKindOf(error)).toBe('retry');
  });

  it('reports the Date of each response of AWS, and of no response from something in between', async () => {
    const dates: string[] = [];
    const client = createStreamsClient({ endpointUrl: endpoint.url }, { onDate: (date) => dates.push(date) });
    const call = () => client.getRecords({ ShardIterator: 'it' }).catch(() => undefined);
    const error = { __type: 'ExpiredIteratorException', message: 'old' };
    const byAws = { 'x-amzn-requestid': 'r' };
    answer = (response) => answerJson(response, { Records: [] }, 200, { date: 'Mon, 23 Nov 2026 12:00:00 GMT' });
    await call();
    answer = (response) => answerJson(response, error, 400, { ...byAws, date: 'Mon, 23 Nov 2026 12:00:01 GMT' });
    await call();
    answer = (response) => answerJson(response, {}, 503, { date: 'Thu, 01 Jan 2037 00:00:00 GMT' });
    await call();
    answer = (response) => {
      response.sendDate = false;
      answerJson(response, { Records: [] });
    };
    await call();
    client.close();
    expect(dates).toEqual(['Mon, 23 Nov 2026 12:00:00 GMT', 'Mon, 23 Nov 2026 12:00:01 GMT']);
  });

  it('sends one request for each call, whatever fails', async () => {
    answer = (response) => response.writeHead(500).end();
    await expect(getRecords()).rejects.toMatchObject({ code: 'SERVICE' });
    expect(endpoint.calls).toHaveLength(1);
    expect(streams.getRecordsCalls).toBe(1);
  });

  it('keeps concurrent calls apart, and those that reuse what they have prepared', async () => {
    answer = (response, text) => {
      answerJson(response, { Records: [], NextShardIterator: `${/it\d+/.exec(text)?.[0]}+` });
    };
    const names = Array.from({ length: 100 }, (_, index) => `it${index}`);
    for (let time = 0; time < 2; time++) {
      const pages = await Promise.all(names.map((ShardIterator) => streams.getRecords({ ShardIterator })));
      expect(pages.map((page) => page.NextShardIterator)).toStrictEqual(names.map((name) => `${name}+`));
    }
  });
});
