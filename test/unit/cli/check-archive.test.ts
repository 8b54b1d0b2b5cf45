import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkArchive } from '../../../src/cli/check-archive.js';
import type { FileSystem } from '../../../src/disk/file-system.js';
import { nodeDisk } from '../../../src/disk/node-disk.js';
import { nodeProcesses } from '../../../src/disk/node-processes.js';
import { systemClock } from '../../../src/lib/system-clock.js';
import { acquireLock } from '../../../src/lock/lock.js';
import { temporaryFolders } from '../../support/archive-folder.js';
import { fakeIo } from '../../support/fake-io.js';
import { readOnlyFolder } from '../../support/read-only-folder.js';
import { writeSampleArchive } from '../../support/sample-archive.js';

const folder = temporaryFolders();

async function sample(): Promise<string> {
  const directory = await folder();
  await writeSampleArchive({ disk: nodeDisk, directory, items: [{ PK: { S: 'a' } }] });
  return directory;
}

async function check(out: string, { table = 'Sample', cwd = '/nowhere' } = {}) {
  return checkArchive({ out, table, now: Date.now() }, fakeIo({ cwd }));
}

const outcome = (checks: Awaited<ReturnType<typeof check>>) => checks.map((one) => `${one.check} ${one.result}`);

describe('checkArchive', () => {
  it("finds an archive of this table, by the table's name or ARN", async () => {
    const out = await sample();
    const before = await readdir(out, { recursive: true });
    for (const table of ['Sample', 'arn:aws:dynamodb:eu-west-1:123456789012:table/Sample']) {
      const [archive, watcher, writable] = outcome(await check(out, { table }));
      expect([archive, watcher, writable]).toEqual(['archive ok', 'archive.watcher ok', 'archive.folder ok']);
    }
    expect(await readdir(out, { recursive: true })).toEqual(before);
  });

  it('fails as watch does on the archive of another table', async () => {
    const [archive] = await check(await sample(), { table: 'Other' });
    expect(archive).toMatchObject({ check: 'archive', result: 'fail', code: 'TABLE', remedy: expect.any(String) });
  });

  it('accepts a folder that does not exist yet, and creates none', async () => {
    const cwd = await folder();
    expect(outcome(await check('a/b', { cwd })).slice(0, 2)).toEqual(['archive ok', 'archive.folder ok']);
    expect(await readdir(cwd)).toEqual([]);
  });

  it('sees a watch that is running', async () => {
    const out = await sample();
    const context = { disk: nodeDisk, clock: systemClock, processes: nodeProcesses };
    const lock = await acquireLock(context, join(out, '.ttl-archive'));
    const checks = await check(out);
    await lock.release();
    expect(checks).toContainEqual(
      expect.objectContaining({
        check: 'archive.watcher',
        result: 'note',
        says: `A watch is running: process ${process.pid} on ${nodeProcesses.host}.`,
      }),
    );
  });

  it('fails when nothing can be created there', async () => {
    const readOnly = (await readOnlyFolder(await folder())) ?? '/nowhere';
    const checks = await check(join(readOnly, 'archive'));
    expect(outcome(checks)).toEqual(['archive ok', 'archive.folder fail']);
    expect(checks[1]).toMatchObject({ code: 'DISK', remedy: expect.any(String) });
  });

  it('fails when a file is in the place of the folder', async () => {
    const cwd = await folder();
    await writeFile(join(cwd, 'temp'), '');
    expect(await check('temp', { cwd })).toMatchObject([{ check: 'archive', result: 'fail', code: 'DISK' }]);
  });

  it('fails when the archive is damaged, and shows nothing of it', async () => {
    const out = await sample();
    await writeFile(join(out, '.ttl-archive', 'archive.json'), '\u001b[31m');
    const checks = await check(out);
    expect(checks).toMatchObject([{ check: 'archive', result: 'fail', code: 'JOURNAL' }]);
    expect(JSON.stringify(checks)).not.toContain('[31m');
  });

  it("escapes the name of another archive's table", async () => {
    const out = await folder();
    await mkdir(join(out, '.ttl-archive'));
    const facts = { version: 1, table: '\u001b[31m\n', layout: 'files', format: 'item' };
    await writeFile(join(out, '.ttl-archive', 'archive.json'), JSON.stringify(facts));
    expect((await check(out))[0]?.says).toContain('"\\u001b[31m\\n"');
  });

  it('fails for an address in S3, where watch does not archive', async () => {
    expect(await check('s3://bucket/prefix')).toMatchObject([{ check: 'archive', result: 'fail', code: 'USAGE' }]);
  });

  const LOCAL: FileSystem = { freeBytes: 2 ** 40, special: undefined };
  it.each<[string, FileSystem, string[]]>([
    ['an ordinary disk', LOCAL, ['archive.file-system ok', 'archive.space ok']],
    ['little space', { ...LOCAL, freeBytes: 2 ** 30 - 1 }, ['archive.file-system ok', 'archive.space warn']],
    ['a full disk', { ...LOCAL, freeBytes: 0 }, ['archive.file-system ok', 'archive.space fail']],
    ['unknown space', { ...LOCAL, freeBytes: undefined }, ['archive.file-system ok', 'archive.space note']],
    ['NFS', { ...LOCAL, special: { name: 'NFS', kind: 'network' } }, ['archive.file-system warn', 'archive.space ok']],
    ['FUSE', { ...LOCAL, special: { name: 'FUSE', kind: 'fuse' } }, ['archive.file-system warn', 'archive.space ok']],
    [
      'tmpfs',
      { ...LOCAL, special: { name: 'tmpfs', kind: 'memory' } },
      ['archive.file-system warn', 'archive.space ok'],
    ],
    [
      'a layer',
      { ...LOCAL, special: { name: 'overlay', kind: 'layer' } },
      ['archive.file-system note', 'archive.space ok'],
    ],
  ])('judges %s', async (_name, fileSystem, expected) => {
    const probe = { fileSystemOf: async () => fileSystem, tryWriting: async () => undefined };
    const checks = await checkArchive({ out: await folder(), table: 'T', now: 0 }, fakeIo(), probe);
    expect(outcome(checks).slice(-2)).toEqual(expected);
  });
});
