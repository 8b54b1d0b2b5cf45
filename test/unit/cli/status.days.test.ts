import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from '../../../src/cli/program.js';
import { nodeDisk } from '../../../src/disk/node-disk.js';
import type { JournalLine } from '../../../src/ports/index.js';
import { fakeIo } from '../../support/fake-io.js';
import { sampleItems, writeJournal, writeSampleArchive } from '../../support/sample-archive.js';

let cwd = '';

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'ttl-archive-days-'));
  const directory = join(cwd, 'temp');
  const entries = await writeSampleArchive({ disk: nodeDisk, directory, items: sampleItems(5) });
  const at = '2026-11-24T00:00:00.000Z';
  const items = entries.map((entry, index): JournalLine => {
    const day = index < 2 ? 23 : 21;
    return { type: 'item', ...entry, size: 512, deletedAt: `2026-11-${day}T23:59:59.000Z` };
  });
  await writeJournal(nodeDisk, directory, [
    ...items,
    { type: 'checkpoint', stream: 's', ShardId: 'shardId-1', position: '5', at },
  ]);
});

afterEach(() => rm(cwd, { recursive: true, force: true }));

async function run(...argv: string[]) {
  const io = fakeIo({ cwd });
  const status = await runProgram(['status', ...argv], io);
  return { status, out: io.out(), err: io.err() };
}

describe('status --days', () => {
  it('adds up items and bytes by the day of their deletion, in order', async () => {
    expect(JSON.parse((await run('--days', '--json')).out)).toMatchObject({
      archived: 5,
      days: [
        { day: '2026-11-21', items: 3, bytes: 1536 },
        { day: '2026-11-23', items: 2, bytes: 1024 },
      ],
    });
    const { out } = await run('--days');
    expect(out.split('\n').filter((line) => /^days|^ {2}2026/.test(line))).toEqual([
      'days        2',
      '  2026-11-21               3 items      1.5 KB',
      '  2026-11-23               2 items      1.0 KB',
    ]);
  });

  it('leaves out what was pruned', async () => {
    const age = Date.now() - Date.UTC(2026, 10, 22);
    await runProgram(['prune', '--older-than', `${age}ms`, '--yes'], fakeIo({ cwd }));
    expect(JSON.parse((await run('--days', '--json')).out).days).toEqual([
      { day: '2026-11-23', items: 2, bytes: 1024 },
    ]);
  });

  it('does not read the items unless it is asked to', async () => {
    expect(JSON.parse((await run('--json')).out)).not.toHaveProperty('days');
    expect(await run('--days', '--watch')).toMatchObject({ status: 2 });
  });
});
