import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../../src/cli/program.js';
import { temporaryFolders } from '../support/archive-folder.js';
import { type AwsEndpoint, startAwsEndpoint } from '../support/aws-endpoint.js';
import { LOCAL, uniqueTable } from '../support/dynamodb-local.js';
import { fakeIo } from '../support/fake-io.js';
import { createLocalTable } from '../support/local-table.js';
import { BUCKET, startS3Server } from '../support/s3-server/s3-server.js';

const folder = temporaryFolders();
let endpoint: AwsEndpoint;

/** DynamoDB Local behind a server that notes what is called. */
beforeAll(async () => {
  endpoint = await startAwsEndpoint(async ({ text, headers }, response) => {
    const { 'x-amz-target': target, authorization = '', 'content-type': type = '' } = headers;
    const sent = { 'x-amz-target': String(target), authorization, 'content-type': type };
    const answer = await fetch(LOCAL, { method: 'POST', body: text, headers: sent });
    response.writeHead(answer.status, { 'content-type': type }).end(await answer.text());
  });
});

afterAll(async () => {
  await endpoint.close();
});

async function run(line: string, cwd: string): Promise<string> {
  const io = fakeIo({ cwd });
  const argv = [...line.split(' '), '--endpoint-url', endpoint.url, '--log-level', 'error'];
  expect({ line, status: await runProgram(argv, io) }).toEqual({
    line,
    // It needs no item that TTL has deleted.
    status: line.startsWith('put-and-wait') ? 8 : 0,
  });
  return io.out();
}

/** What a policy allows, or calls need: `Table dynamodb:PutItem`, `Streams dynamodb:GetRecords`. */
type Needs = readonly string[];

async function allowed(command: string, table: string): Promise<Needs> {
  const policy: { Version: string; Statement: { Effect: string; Action: string[]; Resource: string }[] } = JSON.parse(
    await run(`doctor --iam-policy ${command} --table ${table}`, '/tmp'),
  );
  expect(policy.Version).toBe('2012-10-17');
  const needs = policy.Statement.flatMap(({ Effect, Action, Resource }) => {
    expect(Effect).toBe('Allow');
    expect(Resource).toMatch(new RegExp(`^arn:aws:dynamodb:\\w+:\\d{12}:table/${table}(?:/stream/\\*)?$`));
    return Action.map((action) => `${Resource.endsWith('*') ? 'Streams' : 'Table'} ${action}`);
  });
  return needs.toSorted();
}

/** What is called while the command lines run, one after the other. */
async function called(cwd: string, ...lines: string[]): Promise<Needs> {
  const before = endpoint.calls.length;
  for (const line of lines) await run(line, cwd);
  const needs = endpoint.calls.slice(before).map(({ headers, operation }) => {
    const isStreams = String(headers['x-amz-target']).startsWith('DynamoDBStreams_');
    return `${isStreams ? 'Streams' : 'Table'} dynamodb:${operation}`;
  });
  return [...new Set(needs)].toSorted();
}

describe('doctor --iam-policy', () => {
  it('allows each command what it calls, and nothing else', async () => {
    const cwd = await folder();
    const withoutStream = await createLocalTable(LOCAL, { viewType: null });
    const table = await createLocalTable(LOCAL, { ttlAttribute: 'ttl' });
    const { TableName } = table;
    const made = uniqueTable('Made');
    const watch = `watch --once --deletions all --table ${TableName}`;

    await table.putAndDelete([{ PK: { S: 'a' } }]);
    const watched = await called(cwd, watch);
    // A new stream: what came and went between the two is looked for.
    await table.setStream(false);
    await table.setStream(true);
    expect([...new Set([...watched, ...(await called(cwd, watch))])].toSorted()).toEqual(
      await allowed('watch', TableName),
    );

    const restore = `restore --table ${TableName}`;
    expect(await called(cwd, restore, `${restore} --dry-run`)).toEqual(await allowed('restore', TableName));
    expect(await called(cwd, `doctor --table ${TableName}`)).toEqual(await allowed('doctor', TableName));
    const wait = `put-and-wait --ttl 1h --timeout 1s --table ${TableName}`;
    expect(await called(cwd, wait)).toEqual(await allowed('put-and-wait', TableName));
    const setUp = await called(cwd, `setup --table ${made}`, `setup --table ${withoutStream.TableName}`);
    expect(setUp).toEqual(await allowed('setup', made));
    const policy = await allowed('teardown', made);
    expect(await called(cwd, `teardown --yes --table ${made}`)).toEqual(policy);
    await table.drop();
    await withoutStream.drop();
  });

  it('allows in S3 what an upload, and a restore from there, call', async () => {
    const s3 = await startS3Server();
    const table = await createLocalTable(LOCAL, { ttlAttribute: 'ttl' });
    const { TableName } = table;
    await table.putAndDelete([{ PK: { S: 'a' } }]);
    const archive = `s3://${BUCKET}/orders`;
    const endpointOption = `--s3-endpoint-url ${s3.endpointUrl}`;
    const inS3 = async (lines: readonly (readonly [string, string])[]): Promise<Needs> => {
      const before = s3.calls.length;
      for (const [line, cwd] of lines) await run(`${line} --table ${TableName} ${endpointOption}`, cwd);
      const needs = s3.calls.slice(before).map(({ method, key }) => {
        const action = method === 'PUT' ? 'PutObject' : method === 'GET' && key !== '' ? 'GetObject' : 'ListBucket';
        return `s3:${action} arn:aws:s3:::${BUCKET}${action === 'ListBucket' ? '' : '/orders/*'}`;
      });
      return [...new Set(needs)].toSorted();
    };
    const allowedInS3 = async (line: string): Promise<Needs> => {
      const policy: { Statement: { Action: string[]; Resource: string }[] } = JSON.parse(
        await run(`doctor --iam-policy ${line} --table ${TableName}`, '/tmp'),
      );
      return policy.Statement.filter(({ Resource }) => Resource.startsWith('arn:aws:s3:::'))
        .flatMap(({ Action, Resource }) => Action.map((action) => `${action} ${Resource}`))
        .toSorted();
    };
    const watch = `watch --once --deletions all --layout segments --upload ${archive}`;
    // The second archive finds its object in S3, and reads it.
    const uploading = await inS3([
      [watch, await folder()],
      [watch, await folder()],
    ]);
    expect(uploading).toEqual(await allowedInS3(`watch --upload ${archive}`));
    const checking = await inS3([[`doctor --upload ${archive}`, await folder()]]);
    expect(checking).toEqual(await allowedInS3(`doctor --upload ${archive}`));
    const restoring = await inS3([[`restore --out ${archive}`, await folder()]]);
    expect(restoring).toEqual(await allowedInS3(`restore --out ${archive}`));
    await table.drop();
    await s3.close();
  });

  it('connects to nothing for a table whose ARN is given', async () => {
    const before = endpoint.calls.length;
    const out = await run('doctor --iam-policy --table arn:aws:dynamodb:eu-west-1:123456789012:table/Orders', '/tmp');
    expect(JSON.parse(out)).toMatchObject({
      Statement: [
        { Resource: 'arn:aws:dynamodb:eu-west-1:123456789012:table/Orders' },
        { Resource: 'arn:aws:dynamodb:eu-west-1:123456789012:table/Orders/stream/*' },
      ],
    });
    expect(endpoint.calls.slice(before)).toEqual([]);
  });
});
