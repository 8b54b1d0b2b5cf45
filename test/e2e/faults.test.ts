import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createStreamsClient } from '../../src/aws/streams-client.js';
import { createTablesClient } from '../../src/aws/tables-client.js';
import type { Log } from '../../src/ports/index.js';
import { watch } from '../../src/watch/watch.js';
import { auditArchive, type ExpectedDeletion } from '../support/archive-audit.js';
import { folderBytes } from '../support/archive-bytes.js';
import { startWatch } from '../support/soak-kills.js';
import { randomFaults, StreamModel, seededRandom, startStreamsServer } from '../support/streams-server.js';

const run = promisify(execFile);
/** Milliseconds: what a stalled call costs; a busy machine must still be able to answer the others in it. */
const CALL_TIMEOUT = 1500;
const seed = Math.floor(Math.random() * 2 ** 31);

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ttl-archive-faults-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

function expectedOfAll(model: StreamModel): ExpectedDeletion[] {
  return model.shards.flatMap(({ ShardId }) =>
    [...model.records(ShardId)]
      .map((json) => JSON.parse(json))
      .filter(({ userIdentity }) => userIdentity !== undefined)
      .map(({ eventID, dynamodb: { SequenceNumber, OldImage } }) => {
        return { ShardId, SequenceNumber, eventID, body: JSON.stringify(OldImage), at: 0 };
      }),
  );
}

async function problemsOf(directory: string, model: StreamModel): Promise<readonly string[]> {
  const { problems } = await auditArchive({
    archive: folderBytes(directory),
    expected: expectedOfAll(model),
    parentOf: (ShardId) => model.findShard(ShardId)?.ParentShardId,
  });
  return problems;
}

describe('watch', () => {
  it(`archives 100,000 records when 30 % of the calls fail, and its log stays short (seed ${seed})`, {
    timeout: 180_000,
  }, async () => {
    const out = await temporaryFolder();
    const model = new StreamModel({ settings: { cutPage: (available) => Math.min(available, 125) } });
    const { shards } = model.createTable({ TableName: 'T', shards: 200 });
    for (const ShardId of shards) model.fill(ShardId, { count: 500, bytes: 600, ttlShare: 0.5 });
    const faults = randomFaults({
      probability: 0.3,
      random: seededRandom(seed),
      kinds: ['throughputExceeded', 'internalError', 'reset', 'stall', 'truncated', 'expiredIterator'],
    });
    const server = await startStreamsServer({ model, faults });
    onTestFinished(() => server.close());
    const connection = { endpointUrl: server.endpointUrl, region: 'us-east-1' };
    const failures: string[] = [];
    const note = (facts: object, message: string) => void failures.push(`${message} ${JSON.stringify(facts)}`);
    const log: Log = { debug: () => undefined, info: () => undefined, warn: note, error: note };
    const callTimeout = CALL_TIMEOUT;
    const { gaps } = await watch(
      { table: 'T', out, once: true, layout: 'segments', connection },
      {
        log,
        streams: createStreamsClient(connection, { callTimeout }),
        tables: createTablesClient(connection, { callTimeout }),
      },
    ).done;
    expect(gaps).toEqual([]);
    expect(await problemsOf(out, model)).toEqual([]);
    expect(failures.length).toBeGreaterThan(0);
    expect(failures.length).toBeLessThan(100);
  });

  it('reports a full disk, exits with 7, and resumes at the next start when there is room', {
    timeout: 180_000,
  }, async ({ skip }) => {
    const out = await temporaryFolder();
    const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', out]).catch(() => undefined);
    skip(mounted === undefined, 'mounting a file system is not permitted here');
    onTestFinished(async () => void (await run('umount', [out])));
    const model = new StreamModel();
    const { shards } = model.createTable({ TableName: 'T', shards: 2 });
    for (const ShardId of shards) model.fill(ShardId, { count: 500, bytes: 600 });
    const server = await startStreamsServer({ model });
    onTestFinished(() => server.close());
    const ballast = join(out, '.ttl-archive-ballast');
    await writeFile(ballast, Buffer.alloc(11 * 1024 * 1024));

    const full = startWatch(server.endpointUrl, out, ['--once']);
    expect({ status: await full.ended, errors: full.errors() }).toEqual({
      status: 7,
      errors: expect.stringMatching(/no space|full/i),
    });
    await rm(ballast);
    const next = startWatch(server.endpointUrl, out, ['--once']);
    expect({ status: await next.ended, errors: next.errors() }).toEqual({ status: 0, errors: '' });
    expect(await problemsOf(out, model)).toEqual([]);
  });
});
