import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { readSoundArchive, temporaryFolders } from '../support/archive-folder.js';
import { builtCli } from '../support/cli.js';
import { LOCALS } from '../support/dynamodb-local.js';
import { createLocalTable } from '../support/local-table.js';

const folder = temporaryFolders();
const cli = builtCli();

describe.concurrent.each(LOCALS)('ttl-archive watch of several tables, on DynamoDB Local $version', ({ endpoint }) => {
  const at = ['--endpoint-url', endpoint, '--once', '--deletions', 'all'];

  /** Two tables; a deletion of the key `first` in one of them, and of `second` in the other. */
  async function twoTables() {
    const tables = [await createLocalTable(endpoint), await createLocalTable(endpoint)] as const;
    await tables[0].putAndDelete([{ PK: { S: 'first' } }]);
    await tables[1].putAndDelete([{ PK: { S: 'second' } }]);
    return tables.map(({ TableName }) => TableName);
  }

  const keysIn = async (directory: string) =>
    (await readSoundArchive(directory)).items.map(({ Keys }) => Keys['PK']?.['S']);

  it('archives each table that is named into a folder of its own, and reads the folders again', async ({ expect }) => {
    const cwd = await folder();
    const [first = '', second = ''] = await twoTables();
    const args = ['watch', '--table', first, '--table', second, ...at];
    const { status, stdout } = await cli.run(args, { cwd });
    expect(status).toBe(0);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.replace(/[^/]*$/, ''))
        .toSorted(),
    ).toEqual([`temp/${first}/`, `temp/${second}/`].toSorted());
    expect(await keysIn(join(cwd, 'temp', first))).toEqual(['first']);
    expect(await keysIn(join(cwd, 'temp', second))).toEqual(['second']);
    expect(await cli.run(args, { cwd })).toMatchObject({ status: 0, stdout: '' });
  });

  it('archives the tables that match a pattern', async ({ expect }) => {
    const cwd = await folder();
    const [first = '', second = ''] = await twoTables();
    const pattern = `${first.slice(0, -1)}?,${second.slice(0, -1)}*`;
    const { status } = await cli.run(['watch', '--table-pattern', pattern, ...at], { cwd });
    expect(status).toBe(0);
    expect((await readdir(join(cwd, 'temp'))).toSorted()).toEqual([first, second].toSorted());
    expect(await keysIn(join(cwd, 'temp', second))).toEqual(['second']);
  });
});
