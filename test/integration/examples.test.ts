import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, it } from 'vitest';
import { watch } from '../../src/watch/watch.js';
import { temporaryFolders } from '../support/archive-folder.js';
import { LOCALS } from '../support/dynamodb-local.js';
import { createLocalTable } from '../support/local-table.js';

const folder = temporaryFolders();

/** Runs an example against dist; rejects when it does not exit with 0. */
async function run(example: string, ...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const cwd = await folder();
  return promisify(execFile)(process.execPath, [resolve('examples', example), ...args], { cwd });
}

describe.concurrent.each(LOCALS)('the examples, on DynamoDB Local $version', ({ endpoint }) => {
  const connection = ['--endpoint-url', endpoint];

  it('send each deletion, once over two runs, and print nothing else', async ({ expect }) => {
    const table = await createLocalTable(endpoint);
    const positions = join(await folder(), 'positions');
    const send = () =>
      run(
        'send-deletions.mjs',
        table.TableName,
        '--positions',
        positions,
        '--deletions',
        'all',
        '--once',
        ...connection,
      );
    await table.putAndDelete([{ PK: { S: 'a' } }, { PK: { S: 'b' }, n: { N: '1' } }]);
    const first = await send();
    expect(first.stderr).toBe('');
    const lines = first.stdout.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).item)).toEqual([{ PK: { S: 'a' } }, { PK: { S: 'b' }, n: { N: '1' } }]);
    await table.putAndDelete([{ PK: { S: 'c' } }]);
    const second = await send();
    expect(second.stderr).toBe('');
    expect(JSON.parse(second.stdout).item).toEqual({ PK: { S: 'c' } });
  });

  it('restore one item, once', async ({ expect }) => {
    const table = await createLocalTable(endpoint, { ttlAttribute: 'ttl' });
    const out = await folder();
    const item = { PK: { S: 'c1' }, ttl: { N: '4102444800' }, sku: { S: 'x' } };
    await table.putAndDelete([item, { PK: { S: 'c2' } }]);
    const archive = { table: table.TableName, out, once: true, deletions: 'all' } as const;
    await watch({ ...archive, connection: { endpointUrl: endpoint } }).done;
    const restore = () => run('restore-item.mjs', out, '{"PK":{"S":"c1"}}', ...connection);
    const first = await restore();
    expect(first.stderr).toBe('');
    expect(first.stdout).toMatch(/^\S+Z \{"PK":\{"S":"c1"\},.*\}\n1 restored into \S+, 0 skipped/);
    expect(await table.get(item)).toMatchObject({ PK: { S: 'c1' }, sku: { S: 'x' } });
    expect((await restore()).stdout).toMatch(/\n0 restored into \S+, 1 skipped/);
  });
});
