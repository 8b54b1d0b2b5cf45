import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkArchive } from '../../../src/cli/check-archive.js';
import { runProgram } from '../../../src/cli/program.js';
import { deliver } from '../../../src/index.js';
import { temporaryFolders } from '../../support/archive-folder.js';
import { fakeIo } from '../../support/fake-io.js';
import { StreamModel, startStreamsServer, ttlDelete } from '../../support/streams-server.js';

const folder = temporaryFolders();

/** A folder with the positions of a program that was given one deletion, in `cwd/positions`. */
async function positions(): Promise<string> {
  const cwd = await folder();
  const model = new StreamModel();
  const server = await startStreamsServer({ model });
  onTestFinished(() => server.close());
  const [ShardId = ''] = model.createTable({ TableName: 'Orders' }).shards;
  model.put(ShardId, ttlDelete({ PK: { S: 'a' }, ttl: { N: '1795446313' } }));
  const connection = { endpointUrl: server.endpointUrl, region: 'us-east-1' };
  const sink = { write: async () => undefined };
  await deliver({ table: 'Orders', positions: join(cwd, 'positions'), sink, once: true, connection }).done;
  return cwd;
}

async function run(cwd: string, ...args: string[]) {
  const io = fakeIo({ cwd });
  const status = await runProgram(args, io);
  return { status, out: io.out(), err: io.err() };
}

describe('a folder of positions', () => {
  it('is none of items for any command', async () => {
    const cwd = await positions();
    const shown = await run(cwd, 'status', '--out', 'positions');
    expect(shown.out).toMatch(/^archive +positions: table Orders, positions only: a program gets the items\s+itself$/m);
    expect(shown.out).not.toMatch(/^archived /m);
    expect(shown.out).toMatch(/^shards +1 open/m);
    for (const args of [
      ['find', '--key', 'a'],
      ['find', '--count', '--since', '1d'],
      ['restore'],
      ['report'],
      ['export', '--parquet', 'x'],
    ]) {
      expect([args, await run(cwd, ...args, '--out', 'positions')]).toEqual([
        args,
        { status: 3, out: '', err: expect.stringMatching(/positions holds no items, but the positions of a program/) },
      ]);
    }
    expect(await run(cwd, 'verify', '--out', 'positions')).toEqual({
      status: 0,
      out: expect.stringMatching(/^positions only, in \d+ lines of the journal, verified: all intact\n$/),
      err: '',
    });
    const [archive] = await checkArchive({ out: 'positions', table: 'Orders', now: 0 }, fakeIo({ cwd }));
    expect(archive).toMatchObject({ check: 'archive', result: 'fail', code: 'TABLE' });
    // Beside archives of other tables.
    await mkdir(join(cwd, 'many'));
    await rename(join(cwd, 'positions'), join(cwd, 'many', 'Orders'));
    expect((await run(cwd, 'status', '--out', 'many')).out).toMatch(/^Orders: positions only: a program gets the/m);
  });
});
