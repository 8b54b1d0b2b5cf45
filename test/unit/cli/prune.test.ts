import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Stop } from '../../../src/cli/io.js';
import { runProgram } from '../../../src/cli/program.js';
import { nodeDisk } from '../../../src/disk/node-disk.js';
import { nodeProcesses } from '../../../src/disk/node-processes.js';
import { systemClock } from '../../../src/lib/system-clock.js';
import { acquireLock } from '../../../src/lock/lock.js';
import { openArchiveToRead } from '../../../src/reading/open-archive.js';
import { readDocumentedArchive } from '../../support/documented-reader.js';
import { fakeIo } from '../../support/fake-io.js';
import { SAMPLE_START, type SampleOptions, sampleItems, writeSampleArchive } from '../../support/sample-archive.js';

const NOW = Date.UTC(2026, 11, 1);

let cwd = '';

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW });
  cwd = await mkdtemp(join(tmpdir(), 'ttl-archive-prune-'));
});

afterEach(async () => {
  vi.useRealTimers();
  await rm(cwd, { recursive: true, force: true });
});

async function sample(more: Partial<SampleOptions> = {}): Promise<void> {
  await writeSampleArchive({ disk: nodeDisk, directory: join(cwd, 'temp'), items: sampleItems(12), ...more });
}

async function run(argv: readonly string[], options: Parameters<typeof fakeIo>[0] = {}) {
  const io = fakeIo({ cwd, ...options });
  const status = await runProgram(argv, io);
  return { status, out: io.out(), err: io.err() };
}

/** How many of the files of `--layout files` are there. */
async function files(): Promise<number> {
  return (await readdir(join(cwd, 'temp'))).filter((name) => name.endsWith('.json')).length;
}

/** `--older-than` for all but the last two items of the sample, which are a second apart. */
const ALL_BUT_TWO = `${NOW - (SAMPLE_START + 10_000)}ms`;

const ALL = ['prune', '--older-than', '1ms'];

describe('prune', () => {
  it('asks, prunes after a yes, and says what it did', async () => {
    await sample();
    const questions: string[] = [];
    const io = fakeIo({ cwd });
    const ask = async (question: string) => {
      questions.push(question);
      return 'y';
    };
    expect(await runProgram(['prune', '--older-than', ALL_BUT_TWO], { ...io, ask })).toBe(0);
    expect(questions).toEqual([
      expect.stringMatching(/^Remove 10 items \(.*\) deleted before 2026-.*temp.*\[y\/N\] $/),
    ]);
    expect(io.out()).toMatch(/^pruned 10 items \(.*\), deleted before 2026-.*Z, 10 files removed\n$/);
    expect(await files()).toBe(2);
    expect(await readDocumentedArchive(join(cwd, 'temp'))).toHaveLength(2);
  });

  it.each([['n'], ['']])('prunes nothing after the answer %j', async (answer) => {
    await sample();
    expect(await run(ALL, { answer })).toMatchObject({ status: 0, out: 'nothing was pruned\n' });
    expect(await files()).toBe(12);
  });

  it('refuses without --yes when nobody can answer', async () => {
    await sample();
    expect(await run(ALL)).toMatchObject({ status: 2, err: expect.stringMatching(/--yes/) });
    expect(await files()).toBe(12);
  });

  it('counts with --dry-run, without the lock, and changes nothing', async () => {
    await sample({ layout: 'segments' });
    const lock = await acquireLock(
      { disk: nodeDisk, clock: systemClock, processes: nodeProcesses },
      join(cwd, 'temp/.ttl-archive'),
    );
    const { status, out } = await run([...ALL, '--dry-run', '--json']);
    expect(await run([...ALL, '--yes'])).toMatchObject({ status: 6 });
    await lock.release();
    expect([status, JSON.parse(out)]).toMatchObject([0, { dryRun: true, items: 12, segments: 1, removed: 0 }]);
    expect((await run(['verify'])).out).toMatch(/^12 items in 1 segment, .*: all intact\n$/);
  });

  it('has find, restore, verify and status say what is left', async () => {
    await sample();
    await run(['prune', '--older-than', ALL_BUT_TWO, '--yes']);
    expect(await run(['find', '--since', '2026-01-01', '--count'])).toMatchObject({ out: '2\n' });
    expect(await run(['find', '--key', 'key-0'])).toMatchObject({ status: 0, out: '' });
    expect((await run(['find', '--key', 'key-11'])).out).toContain('temp/');
    const archive = await openArchiveToRead('temp', {}, fakeIo({ cwd }));
    const restored = await archive.source({ versions: 'all' }, { keyNames: ['PK'], onDamage: () => undefined });
    expect(restored.count).toBe(2);
    expect(await run(['verify'])).toEqual({
      status: 0,
      out: expect.stringMatching(/^12 items, .*: all intact\n10 of these were pruned, and not checked\n$/),
      err: '',
    });
    expect((await run(['status'])).out).toMatch(/^pruned +10 of these, .*, deleted before 2026-/m);
    expect(JSON.parse((await run(['status', '--json'])).out)).toMatchObject({ archived: 12, pruned: { items: 10 } });
  });

  it('removes the folders of segments that are empty then', async () => {
    await sample({ layout: 'segments' });
    expect((await run([...ALL, '--yes'])).out).toMatch(/^pruned 12 items \(.*\) in 1 segment, .*, 1 file removed\n$/);
    expect(await readdir(join(cwd, 'temp'))).toEqual(['.ttl-archive']);
    expect(await readDocumentedArchive(join(cwd, 'temp'))).toEqual([]);
  });

  it('says that there is nothing to prune', async () => {
    await sample();
    expect(await run(['prune', '--older-than', '400d', '--yes'])).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^nothing to prune: no item was deleted before 20\d\d-.*Z\n$/),
    });
  });

  it.each([
    ['a bare number', ['prune', '--older-than', '400'], 2, /400d/],
    ['no age', ['prune'], 2, /--older-than/],
    ['an archive in S3', [...ALL, '--out', 's3://bucket/prefix'], 2, /lifecycle rule/],
    ['no archive', [...ALL, '--out', 'nowhere'], 3, /no archive in nowhere/],
  ])('rejects %s', async (_, argv, status, err) => {
    expect(await run(argv)).toEqual({ status, out: '', err: expect.stringMatching(err) });
  });

  it('ends with 130 when it was interrupted before it pruned anything', async () => {
    await sample();
    const signal = AbortSignal.abort(new Stop('SIGINT'));
    expect(await run([...ALL, '--yes'], { signal })).toMatchObject({ status: 130, out: '' });
    expect(await files()).toBe(12);
  });

  it('says when it was interrupted while it removed files, and the next one removes the rest', async () => {
    await sample({ items: sampleItems(200) });
    const stopping = new AbortController();
    const io = fakeIo({ cwd, signal: stopping.signal });
    const ask = async () => {
      // After the answer the journal is written, which takes longer than this.
      setTimeout(() => stopping.abort(new Stop('SIGTERM')));
      return 'y';
    };
    const status = await runProgram(ALL, { ...io, ask });
    expect([status, io.out()]).toEqual([143, expect.stringMatching(/^interrupted: pruned 200 items .*run it again/)]);
    expect((await run(['verify'])).status).toBe(0);
    expect((await run(ALL)).out).toMatch(
      /^nothing to prune: .*, \d+ files removed that an interrupted prune had left\n$/,
    );
    expect(await files()).toBe(0);
  });
});
