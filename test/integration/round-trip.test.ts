import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { itemText, withoutAttribute } from '../../src/archive/item-text.js';
import { runProgram } from '../../src/cli/program.js';
import type { WireItem } from '../../src/ports/index.js';
import { anyItems } from '../support/any-item.js';
import { call, LOCAL, uniqueTable } from '../support/dynamodb-local.js';
import { fakeIo } from '../support/fake-io.js';

/** Of each archive: 2,000 different items in all. */
const COUNT = 500;
const ARCHIVES = (['files', 'segments'] as const)
  .flatMap((layout) => (['item', 'record'] as const).map((format) => ({ layout, format })))
  .map((archive, index) => ({ ...archive, seed: 20_261_124 + index }));

const dynamodb = (operation: string, body: object) => call(LOCAL, `DynamoDB_20120810.${operation}`, body);

async function createTable(name: string): Promise<void> {
  await dynamodb('CreateTable', {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'PK', AttributeType: 'S' },
      { AttributeName: 'SK', AttributeType: 'B' },
    ],
    KeySchema: [
      { AttributeName: 'PK', KeyType: 'HASH' },
      { AttributeName: 'SK', KeyType: 'RANGE' },
    ],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'OLD_IMAGE' },
  });
}

async function scan(name: string): Promise<WireItem[]> {
  const items: WireItem[] = [];
  let start: object | undefined;
  do {
    const page: { Items?: WireItem[]; LastEvaluatedKey?: object } = await dynamodb('Scan', {
      TableName: name,
      ConsistentRead: true,
      ...(start === undefined ? {} : { ExclusiveStartKey: start }),
    });
    items.push(...(page.Items ?? []));
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  return items;
}

async function batchWrite(name: string, requests: readonly object[]): Promise<void> {
  for (let start = 0; start < requests.length; start += 25) {
    await dynamodb('BatchWriteItem', { RequestItems: { [name]: requests.slice(start, start + 25) } });
  }
}

const texts = (items: readonly WireItem[]): string[] => items.map(itemText).toSorted((a, b) => (a < b ? -1 : 1));

/** A table whose items were put, seen, and deleted by hand; gives what they were. */
async function deletedItems(source: string, seed: number): Promise<WireItem[]> {
  await createTable(source);
  await dynamodb('UpdateTimeToLive', {
    TableName: source,
    TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
  });
  const items = anyItems(COUNT, seed);
  await batchWrite(
    source,
    items.map((Item) => ({ PutRequest: { Item } })),
  );
  const before = await scan(source);
  await batchWrite(
    source,
    items.map(({ PK, SK }) => ({ DeleteRequest: { Key: { PK, SK } } })),
  );
  return before;
}

describe('an archive', () => {
  let folder = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ttl-archive-'));
  });

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it.each(ARCHIVES)(
    'of $layout with format $format gives back every item as it was',
    async ({ layout, format, seed }) => {
      const [source, target] = [uniqueTable('Source'), uniqueTable('Target')];
      const before = await deletedItems(source, seed);
      expect(await scan(source)).toEqual([]);
      expect(before.filter(({ ttl }) => ttl !== undefined).length).toBeGreaterThan(COUNT / 2);
      // Restored without their ttl, or TTL would delete them again at once.
      const originals = texts(before.map((item) => withoutAttribute(item, 'ttl')));
      expect(new Set(originals).size).toBe(COUNT);

      const run = async (command: string, ...rest: string[]) => {
        const io = fakeIo({ cwd: folder });
        const status = await runProgram([command, '--out', `${layout}-${format}`, '--log-level', 'warn', ...rest], io);
        return { status, stdout: io.out(), stderr: io.err() };
      };
      const at = ['--endpoint-url', LOCAL];
      const how = ['--layout', layout, '--format', format, '--deletions', 'all', '--once'];
      expect(await run('watch', '-t', source, ...how, ...at)).toMatchObject({ status: 0, stderr: '' });
      expect(await run('verify')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^500 items/), stderr: '' });
      await createTable(target);
      const restored = await run('restore', '-t', target, '--json', ...at);
      expect(restored).toMatchObject({ status: 0, stderr: '' });
      expect(JSON.parse(restored.stdout)).toMatchObject({ restored: COUNT, skipped: 0, failed: 0 });
      expect(texts(await scan(target))).toEqual(originals);
      await Promise.all([source, target].map((TableName) => dynamodb('DeleteTable', { TableName })));
    },
  );
});
