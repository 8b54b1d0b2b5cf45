import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runProgram } from '../../../src/cli/program.js';
import { fakeIo } from '../../support/fake-io.js';
import { StreamModel, startStreamsServer, ttlDelete } from '../../support/streams-server.js';

interface Policy {
  readonly Statement: readonly { readonly Sid: string; readonly Action: string[]; readonly Resource: unknown }[];
}

/** A simulated service with tables, and the operations that it was asked for. */
async function service(...names: string[]) {
  const model = new StreamModel();
  const called = new Set<string>();
  const note = ({ operation }: { readonly operation: string }) => void called.add(`dynamodb:${operation}`);
  const server = await startStreamsServer({ model, faults: note });
  const cwd = await mkdtemp(join(tmpdir(), 'ttl-archive-'));
  onTestFinished(async () => {
    await server.close();
    await rm(cwd, { recursive: true, force: true });
  });
  for (const TableName of names) {
    const [ShardId = ''] = model.createTable({ TableName }).shards;
    model.put(ShardId, ttlDelete({ PK: { S: 'a' }, ttl: { N: '1795446313' } }));
    model.table(TableName).tags = { archive: 'yes' };
  }
  const run = async (...args: string[]) => {
    called.clear();
    const io = fakeIo({ cwd, env: { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' } });
    const at = ['--endpoint-url', server.endpointUrl, '--region', 'us-east-1', '--log-level', 'error'];
    const status = await runProgram([...args, ...at], io);
    return { status, out: io.out(), err: io.err(), called: [...called] };
  };
  const policy = async (...args: string[]): Promise<Policy> =>
    JSON.parse((await run('doctor', '--iam-policy', ...args)).out);
  return { run, policy };
}

const actionsOf = ({ Statement }: Policy) => Statement.flatMap(({ Action }) => Action).toSorted();
const resourcesOf = ({ Statement }: Policy) =>
  Object.fromEntries(Statement.map(({ Sid, Resource }) => [Sid, Resource]));

const ALL = 'arn:aws:dynamodb:us-east-1:000000000000:table';

describe('doctor --iam-policy of a choice of tables', () => {
  it.each([
    ['a pattern', ['--table-pattern', 'prod-*']],
    ['a tag', ['--tag', 'archive=yes']],
  ])('allows every action that watch needs with %s', async (_, choice) => {
    const { run, policy } = await service('prod-1', 'prod-2');
    const watched = await run('watch', '--once', ...choice);
    expect(watched.status).toBe(0);
    const allowed = actionsOf(await policy(...choice));
    expect(allowed).toEqual(expect.arrayContaining(watched.called));
    // A first run looks for no streams that came and went.
    expect(allowed.filter((action) => !watched.called.includes(action))).toEqual(['dynamodb:ListStreams']);
  });

  it('is for the tables that match, and lists all: ListTables has no narrower resource', async () => {
    const { policy } = await service('Other');
    expect(resourcesOf(await policy('--table-pattern', 'prod-*,test-?'))).toEqual({
      Tables: '*',
      Table: [`${ALL}/prod-*`, `${ALL}/test-?`],
      Streams: [`${ALL}/prod-*/stream/*`, `${ALL}/test-?/stream/*`],
    });
    expect(resourcesOf(await policy('--tag', 'archive=yes'))).toEqual({
      Tables: '*',
      Table: `${ALL}/*`,
      Streams: `${ALL}/*/stream/*`,
    });
  });

  it('has a table that is named besides, and connects to nothing when that is an ARN', async () => {
    const { run } = await service();
    const arn = 'arn:aws-cn:dynamodb:us-east-1:210987654321:table/Named';
    const { out, called } = await run('doctor', '--iam-policy', '--table', arn, '--table-pattern', 'prod-*');
    expect(resourcesOf(JSON.parse(out))['Table']).toEqual([arn, arn.replace('Named', 'prod-*')]);
    expect(called).toEqual([]);
  });

  it('says how to go on when the region has no table to learn the account from', async () => {
    const { run } = await service();
    const { status, err } = await run('doctor', '--iam-policy', '--tag', 'archive=yes');
    expect({ status, err }).toEqual({ status: 3, err: expect.stringContaining('name a table by its ARN') });
  });

  it.each([[['doctor']], [['doctor', '--iam-policy', 'restore']], [['doctor', '--iam-policy', 'doctor']]])(
    'rejects a choice for %j, which is about one table',
    async (command) => {
      const { run } = await service('prod-1');
      const { status, err, called } = await run(...command, '--table-pattern', 'prod-*');
      expect({ status, called }).toEqual({ status: 2, called: [] });
      expect(err).toMatch(/one table.*--table-pattern.*Name a table with --table/s);
    },
  );
});
