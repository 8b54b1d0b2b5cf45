import { execFile } from 'node:child_process';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolders } from '../support/archive-folder.js';

const folder = temporaryFolders();

const PROGRAM = `
import { deliver, find, type ItemEntry, type Log, type PositionStore, readTtlDeletions, restore, TtlArchiveError, verify, type TablesSummary, type Watching, watch, watchTables } from 'ttl-archive';

export const watching: Watching = watch({
  table: 'Orders',
  out: 'archive',
  onArchived: (items: readonly ItemEntry[]) => items.map(({ file }) => file),
});
export const lag: number | undefined = watching.progress().lagMs;
export const isGap = (error: unknown): boolean => error instanceof TtlArchiveError && error.code === 'GAP';
// @ts-expect-error The types are known, and not any.
watch({ table: 'Orders' });

export const versions = async (): Promise<string[]> => {
  const texts: string[] = [];
  const found = find({ out: 's3://bucket/orders', key: { PK: { S: 'x' } }, since: new Date(0) });
  for await (const item of found) texts.push(item.deletedAt, await item.text());
  return texts;
};
// @ts-expect-error A key is DynamoDB JSON.
find({ out: 'archive', key: 'x' });
export const isIntact = async (): Promise<boolean> => (await verify({ out: 'archive', sample: 5 })).verified;
export const acknowledged = async (positions: PositionStore): Promise<void> => {
  for await (const deletion of readTtlDeletions({ table: 'Orders', positions })) {
    const sku: unknown = deletion.item['sku']?.['S'];
    if (sku !== undefined) await deletion.ack();
  }
};
const sink = { write: async (deletions: readonly { readonly eventID: string }[]) => deletions.length };
export const delivered: Watching = deliver({ table: 'Orders', positions: 'positions', sink });
// @ts-expect-error The positions must be kept somewhere.
deliver({ table: 'Orders', sink });
declare const log: Log;
export const restored = async (): Promise<number> =>
  (await restore({ out: 'archive', ttl: 3_600_000, log, onFailed: ({ reason }) => reason.length })).restored;
export const all: Promise<TablesSummary> = watchTables({ out: 'archives', patterns: ['prod-*'] }).done;
// @ts-expect-error A tag has a key and a value.
watchTables({ out: 'archives', tags: ['archive=yes'] });
// @ts-expect-error A rule for the TTL attribute is drop, keep or milliseconds.
restore({ out: 'archive', ttl: 'forever' });
`;

async function tsc(cwd: string, ...args: string[]): Promise<string> {
  const compiler = join(process.cwd(), 'node_modules', 'typescript', 'bin', 'tsc');
  const run = promisify(execFile)(process.execPath, [compiler, ...args], { cwd });
  return run.then(
    () => '',
    ({ stdout }: { stdout: string }) => stdout,
  );
}

describe('the published types', () => {
  let project = '';
  beforeAll(async () => {
    project = await folder();
    const installed = join(project, 'node_modules', 'ttl-archive');
    const emit = ['--emitDeclarationOnly', '--outDir', join(installed, 'dist')];
    const problems = await tsc(process.cwd(), '-p', 'tsconfig.json', ...emit);
    if (problems !== '') throw new Error(problems);
    await copyFile('package.json', join(installed, 'package.json'));
    await writeFile(join(project, 'program.ts'), PROGRAM);
    await writeFile(join(project, 'package.json'), '{"type":"module"}');
  });

  it.each([
    ['the DOM library', ['es2023', 'dom']],
    ['no other library', ['es2023']],
  ])('compile without @types/node, with %s', async (_, lib) => {
    const options = ['--strict', '--skipLibCheck', 'false', '--module', 'nodenext', '--types', '', '--noEmit'];
    expect(await tsc(project, ...options, '--lib', lib.join(), 'program.ts')).toBe('');
  });
});
