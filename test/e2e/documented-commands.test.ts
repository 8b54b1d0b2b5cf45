import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, describe, it } from 'vitest';
import type { WireItem } from '../../src/ports/index.js';
import { temporaryFolders } from '../support/archive-folder.js';
import { changeRecord } from '../support/change-record.js';
import { builtCli } from '../support/cli.js';
import { type DocumentedBlock, documentedBlocks } from '../support/documented-blocks.js';
import { runBlocks, type Scene } from '../support/documented-scenario.js';
import { call, LOCAL, SWEEPING_LOCALS } from '../support/dynamodb-local.js';
import { failedInvocation } from '../support/failed-invocation.js';
import { eventRecord } from '../support/lambda-event.js';
import { startS3Server } from '../support/s3-server/s3-server.js';
import { StreamModel, startStreamsServer, ttlDelete } from '../support/streams-server.js';

const folder = temporaryFolders();
const cli = builtCli();

const [V2, V3] = SWEEPING_LOCALS;

const cleanups: (() => unknown)[] = [];
afterAll(async () => {
  for (const cleanUp of cleanups) await cleanUp();
});

/** What is there before the first command of a scenario. */
const SCENARIOS: Readonly<Record<string, (cwd: string) => Promise<Scene>>> = {
  // The exercise, in both forms.
  exercise: async () => ({ endpointUrl: V2.endpoint }),
  aws: async () => ({ endpointUrl: V3.endpoint }),

  // A table on which TTL deletes order-17.
  async orders() {
    await setUp('Orders', V3.endpoint);
    const Item = { PK: { S: 'order-17' }, ttl: { N: String(Math.floor(Date.now() / 1000) - 60) } };
    await call(V3.endpoint, 'DynamoDB_20120810.PutItem', { TableName: 'Orders', Item });
    return { endpointUrl: V3.endpoint };
  },

  // The archives of get-an-item-back.md and query-the-archive.md, and the empty table.
  async sessions(cwd) {
    await archiveSessions(cwd, 'archive', 'files');
    await archiveSessions(cwd, 'lake', 'segments');
    const hour = 'year=2026/month=11/day=24/hour=02';
    await mkdir(join(cwd, 'export'));
    await cp(join(cwd, 'lake', hour), join(cwd, 'export', 'data'), { recursive: true });
    await setUp('Sessions', LOCAL);
    return { endpointUrl: LOCAL };
  },

  // A small archive to report on, and to prune.
  async operations(cwd) {
    await archiveSessions(cwd, 'archive', 'segments');
    return { endpointUrl: LOCAL };
  },

  // An archive in S3, and a batch that Lambda gave up on.
  async s3(cwd) {
    const { endpointUrl: s3EndpointUrl, objects, close } = await startS3Server();
    cleanups.push(close);
    const at = Date.UTC(2026, 10, 24, 10, 30);
    const streams = await deletions('Orders', [{ PK: { S: 'order-17' }, ttl: { N: '1795516000' } }], at);
    const to = ['--layout', 'segments', '--upload', 's3://bucket/Orders', '--s3-endpoint-url', s3EndpointUrl];
    await watchOnce(cwd, ['--table', 'Orders', '--endpoint-url', streams, '--out', 'local', ...to]);
    const [key, content] = failedInvocation({ records: [eventRecord(changeRecord())], id: '1' });
    objects.set(`failed/${key}`, content);
    await setUp('Orders', LOCAL);
    return { endpointUrl: LOCAL, s3EndpointUrl };
  },
};

const SESSIONS: readonly WireItem[] = [
  { visits: { N: '3' }, PK: { S: 'session-1' }, user: { S: 'ada' }, ttl: { N: '1795478400' } },
  { visits: { N: '12' }, PK: { S: 'session-2' }, user: { S: 'bob' }, ttl: { N: '1795478460' } },
  { visits: { N: '7' }, PK: { S: 'session-3' }, user: { S: 'ada' }, ttl: { N: '1795478520' } },
  { visits: { N: '4' }, PK: { S: 'session-1' }, user: { S: 'ada' }, ttl: { N: '1795478580' } },
];

/** An archive of these items, deleted at the same moment. */
async function archiveSessions(cwd: string, out: string, layout: 'files' | 'segments'): Promise<void> {
  const streams = await deletions('Sessions', SESSIONS, Date.UTC(2026, 10, 24, 2, 4));
  await watchOnce(cwd, ['--table', 'Sessions', '--endpoint-url', streams, '--out', out, '--layout', layout]);
}

/** A simulated table on which TTL has just deleted these items, at that time. */
async function deletions(TableName: string, items: readonly WireItem[], at: number): Promise<string> {
  const model = new StreamModel({ region: 'ddblocal', now: () => at });
  const [ShardId = ''] = model.createTable({ TableName }).shards;
  model.put(ShardId, ...items.map(ttlDelete));
  const { endpointUrl, close } = await startStreamsServer({ model });
  cleanups.push(close);
  return endpointUrl;
}

async function watchOnce(cwd: string, args: readonly string[]): Promise<void> {
  const { status, stderr } = await cli.run(['watch', '--once', ...args], { cwd });
  if (status !== 0) throw new Error(stderr);
}

/** Creates a table with TTL and a stream, and drops it after the test. */
async function setUp(TableName: string, endpoint: string): Promise<void> {
  const { status, stderr } = await cli.run(['setup', '--table', TableName, '--endpoint-url', endpoint], {
    cwd: await folder(),
  });
  if (status !== 0) throw new Error(stderr);
  cleanups.push(() => call(endpoint, 'DynamoDB_20120810.DeleteTable', { TableName }));
}

/** What differs from run to run. */
function normalised(text: string): string {
  return text
    .replace(/\b\d{21}\b/g, '<SequenceNumber>')
    .replace(/-[0-9a-f]{16}\b/g, '-<hash>')
    .replace(/(deleted before )\S+Z/g, '$1<time>')
    .replace(/(sample of \S+ for )[\d-]+: read .*/g, '$1<date>');
}

/** The rows of a query, and those of the table after it in the document (undefined: there is none). */
async function runQuery({ text, after }: DocumentedBlock, cwd: string) {
  const connection = await (await DuckDBInstance.create()).connect();
  cleanups.push(() => connection.closeSync());
  const reader = await connection.runAndReadAll(text.replaceAll(/'(archive|lake)\//g, `'${cwd}/$1/`));
  const rows = reader.getRowsJson().map((row) => row.map(String));
  const [, , ...documented] = after.split('\n').filter((line) => line.startsWith('|'));
  const cells = documented.map((line) => line.slice(2, -2).split(' | '));
  return { rows, documented: cells.length === 0 ? undefined : cells };
}

const blocks = documentedBlocks();
const belongsTo = (name: string) => (block: DocumentedBlock) =>
  block.marker !== undefined && 'scenarios' in block.marker && block.marker.scenarios.includes(name);

describe.concurrent('the commands in the documents', () => {
  it('name scenarios that are here', ({ expect }) => {
    const named = blocks.flatMap(({ marker }) => (marker && 'scenarios' in marker ? marker.scenarios : []));
    expect([...new Set(named)].toSorted()).toEqual(Object.keys(SCENARIOS).toSorted());
  });

  it.for(Object.entries(SCENARIOS))(
    'do what they say: %s',
    { timeout: 120_000 },
    async ([name, prepare], { expect }) => {
      const cwd = await folder();
      const scene = await prepare(cwd);
      const ours = blocks.filter(belongsTo(name));
      const results = await runBlocks(
        cli,
        ours.filter(({ language }) => language !== 'sql'),
        { cwd, scene },
      );
      for (const { place, transcript } of results) {
        if (transcript === undefined) continue;
        expect(normalised(transcript.printed), place).toBe(normalised(transcript.documented));
      }
      for (const block of ours.filter(({ language }) => language === 'sql')) {
        const { rows, documented } = await runQuery(block, cwd);
        expect(rows.length, block.place).toBeGreaterThan(0);
        if (documented !== undefined) expect(rows, block.place).toEqual(documented);
      }
    },
  );
});
