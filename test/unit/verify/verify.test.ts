import { describe, expect, it } from 'vitest';
import { gzipMember } from '../../../src/archive/gzip-member.js';
import { TtlArchiveError } from '../../../src/errors.js';
import type { Disk, ItemEntry, JournalLine } from '../../../src/ports/index.js';
import type { Finding } from '../../../src/verify/finding.js';
import { drawSample, type Sample } from '../../../src/verify/sample.js';
import type { Verification } from '../../../src/verify/verification.js';
import { verifyArchive } from '../../../src/verify/verify.js';
import { MemoryDisk } from '../../support/memory-disk.js';
import {
  journalOf,
  journalPath,
  SAMPLE_SEGMENT,
  type SampleOptions,
  sampleItems,
  write,
  writeJournal,
  writeSampleArchive,
} from '../../support/sample-archive.js';
import { simulatedClock } from '../../support/simulated-clock.js';

const DIRECTORY = '/archive';
const LAYOUTS = [
  { layout: 'files' },
  { layout: 'segments', compress: true },
  { layout: 'segments', compress: false },
  { layout: 'segments', compress: true, closed: false },
] as const;

async function sample(options: Partial<SampleOptions> = {}): Promise<{ disk: MemoryDisk; entries: ItemEntry[] }> {
  const disk = new MemoryDisk();
  const entries = await writeSampleArchive({ disk, directory: DIRECTORY, items: sampleItems(35), ...options });
  return { disk, entries };
}

async function* walk(disk: Disk, folder = ''): AsyncGenerator<string> {
  for (const name of (await disk.list(`${DIRECTORY}/${folder}`.replace(/\/$/, ''))) ?? []) {
    if (name === '.ttl-archive/') continue;
    if (name.endsWith('/')) yield* walk(disk, folder + name);
    else yield folder + name;
  }
}

async function verify(disk: Disk, sampled?: Sample): Promise<Verification & { found: Finding[] }> {
  const found: Finding[] = [];
  const clock = simulatedClock();
  const verification = await clock.runUntil(
    verifyArchive({
      disk,
      directory: DIRECTORY,
      journal: journalOf(disk, DIRECTORY),
      files: () => walk(disk),
      clock,
      sample: sampled,
      onFinding: (finding) => found.push(finding),
    }),
  );
  return { ...verification, found };
}

async function linesOf(disk: Disk): Promise<JournalLine[]> {
  const lines: JournalLine[] = [];
  for await (const record of journalOf(disk, DIRECTORY)()) if ('line' in record) lines.push(record.line);
  return lines;
}

async function editJournal(disk: Disk, edit: (lines: string[]) => string[]): Promise<void> {
  const text = (await disk.read(journalPath(DIRECTORY), 1 << 20))?.toString() ?? '';
  await write(disk, journalPath(DIRECTORY), `${edit(text.trimEnd().split('\n')).join('\n')}\n`);
}

async function flip(disk: Disk, path: string, position: number): Promise<void> {
  const bytes = Buffer.from((await disk.read(path, 1 << 20)) ?? []);
  bytes[position] = (bytes[position] ?? 0) ^ 0xff;
  await write(disk, path, bytes);
}

const bytesOf = async (disk: Disk, path: string): Promise<Buffer> =>
  (await disk.read(path, 1 << 20)) ?? Buffer.alloc(0);

describe('verifyArchive', () => {
  it.each(LAYOUTS)(
    'finds nothing in an undamaged archive of $layout (compress $compress, closed $closed)',
    async (options) => {
      const { disk } = await sample(options);
      expect(await verify(disk)).toMatchObject({ items: 35, findings: {}, found: [], unrelated: 0 });
    },
  );

  it('finds nothing in an archive without items', async () => {
    const { disk } = await sample({ items: [] });
    expect(await verify(disk)).toMatchObject({ items: 0, findings: {} });
  });

  it('finds every flipped byte of a file', async () => {
    const { disk, entries } = await sample({ items: sampleItems(1) });
    const entry = entries[0];
    const path = `${DIRECTORY}/${entry?.file}`;
    for (let position = 0; position < (entry?.size ?? 0); position += 7) {
      await flip(disk, path, position);
      expect((await verify(disk)).findings).toEqual({ altered: 1 });
      await flip(disk, path, position);
    }
    expect((await verify(disk)).findings).toEqual({});
  });

  it.each([true, false])('finds every flipped byte of a segment (compress %s)', async (compress) => {
    const { disk } = await sample({ layout: 'segments', compress, items: sampleItems(4), pageSize: 2 });
    const path = `${DIRECTORY}/${SAMPLE_SEGMENT}.json${compress ? '.gz' : ''}`;
    const { length } = await bytesOf(disk, path);
    expect(length).toBeGreaterThan(100);
    for (let position = 0; position < length; position++) {
      await flip(disk, path, position);
      expect((await verify(disk)).findings, `byte ${position}`).toEqual({ altered: 1 });
      await flip(disk, path, position);
    }
  });

  it('finds a file that was deleted', async () => {
    const { disk, entries } = await sample();
    await disk.remove(`${DIRECTORY}/${entries[7]?.file}`);
    const { found } = await verify(disk);
    expect(found).toEqual([
      { kind: 'missing', file: entries[7]?.file, detail: 'file missing', journal: '2026-11-24.ndjson:8' },
    ]);
  });

  it('finds a deleted segment once', async () => {
    const { disk } = await sample({ layout: 'segments' });
    await disk.remove(`${DIRECTORY}/${SAMPLE_SEGMENT}.json.gz`);
    expect((await verify(disk)).findings).toEqual({ missing: 1 });
  });

  it('ignores hidden files that other systems put beside ours', async () => {
    const { disk } = await sample();
    for (const name of [
      '._1795446313-key.json',
      '.nfs0001.json',
      '.DS_Store',
      '.snapshot/hourly/1795446313-key.json',
    ]) {
      disk.put(`${DIRECTORY}/${name}`, '{}');
    }
    expect(await verify(disk)).toMatchObject({ findings: {}, unrelated: 4 });
  });

  it('reports a folder of the layout that cannot be listed, and only names any other', async () => {
    const { disk } = await sample({ layout: 'segments' });
    const found: Finding[] = [];
    const verification = await verifyArchive({
      disk,
      directory: DIRECTORY,
      journal: journalOf(disk, DIRECTORY),
      files: (onUnreadable) => {
        for (const folder of ['lost+found/', 'year=2025/month=01/'])
          onUnreadable({ folder, error: new Error('denied') });
        return walk(disk);
      },
      clock: simulatedClock(),
      onFinding: (finding) => found.push(finding),
    });
    expect(found).toEqual([{ kind: 'unreadable', file: 'year=2025/month=01/', detail: 'denied' }]);
    expect(verification.unreadable).toEqual(['lost+found/']);
  });

  it.each(['gzip', 'none'])(
    'finds bytes after a segment that the journal does not record as closed (%s)',
    async (kind) => {
      const compress = kind === 'gzip';
      const { disk } = await sample({ layout: 'segments', compress, closed: false });
      const path = `${DIRECTORY}/${SAMPLE_SEGMENT}.json${compress ? '.gz' : ''}`;
      const open = `${DIRECTORY}/.ttl-archive/open/sample-0.json${compress ? '.gz' : ''}.open`;
      const forged = compress ? await gzipMember('{"Item":{}}\n') : Buffer.from('{"Item":{}}\n');
      const longer = Buffer.concat([await bytesOf(disk, open), forged]);
      await write(disk, open, longer);
      // In an open segment the next watch cuts them off.
      expect((await verify(disk)).findings).toEqual({});
      disk.put(open, undefined);
      disk.put(path, longer);
      expect((await verify(disk)).found).toEqual([
        {
          kind: 'unlisted',
          file: `${SAMPLE_SEGMENT}.json${compress ? '.gz' : ''}`,
          detail: `no journal line lists its last ${forged.length} bytes`,
        },
      ]);
    },
  );

  it('reports a journal that watch would reject', async () => {
    const { disk } = await sample();
    const refuse = async () => Promise.reject(new TtlArchiveError('JOURNAL', 'The journal file is cut short.'));
    const found: Finding[] = [];
    await verifyArchive({
      disk,
      directory: DIRECTORY,
      journal: journalOf(disk, DIRECTORY),
      openJournal: refuse,
      files: () => walk(disk),
      clock: simulatedClock(),
      onFinding: (finding) => found.push(finding),
    });
    expect(found).toEqual([{ kind: 'journal', file: '.ttl-archive/', detail: 'The journal file is cut short.' }]);
  });

  it('finds added files anywhere, and skips files that are not JSON', async () => {
    const { disk } = await sample();
    await write(disk, `${DIRECTORY}/1795446313-key-9-0000.json`, '{}\n');
    await write(disk, `${DIRECTORY}/year=2026/month=11/day=24/hour=00/x.json.gz`, '');
    await write(disk, `${DIRECTORY}/README.md`, 'about this folder');
    const { found, unrelated } = await verify(disk);
    expect(found.map(({ kind, file }) => [kind, file])).toEqual([
      ['unlisted', '1795446313-key-9-0000.json'],
      ['unlisted', 'year=2026/month=11/day=24/hour=00/x.json.gz'],
    ]);
    expect(unrelated).toBe(1);
  });

  it.each(LAYOUTS)('finds a removed journal line of $layout (compress $compress)', async (options) => {
    const { disk } = await sample(options);
    for (const at of [0, 4, 10, 15]) {
      const before = await bytesOf(disk, journalPath(DIRECTORY));
      await editJournal(disk, (lines) => lines.toSpliced(at, 1));
      expect((await verify(disk)).findings.journal, `line ${at + 1}`).toBe(1);
      await write(disk, journalPath(DIRECTORY), before);
    }
  });

  it('finds two journal lines that were swapped', async () => {
    const { disk } = await sample();
    await editJournal(disk, (lines) => {
      const [third = '', fourth = ''] = lines.slice(2, 4);
      return lines.toSpliced(2, 2, fourth, third);
    });
    expect((await verify(disk)).findings.journal).toBeGreaterThan(0);
  });

  it.each([
    { compress: true, closed: true },
    { compress: true, closed: false },
    { compress: false, closed: true },
  ])('finds a truncated segment (compress $compress, closed $closed)', async (options) => {
    const { disk } = await sample({ layout: 'segments', ...options });
    const name = `json${options.compress ? '.gz' : ''}`;
    const path = options.closed
      ? `${DIRECTORY}/${SAMPLE_SEGMENT}.${name}`
      : `${DIRECTORY}/.ttl-archive/open/sample-0.${name}.open`;
    const bytes = await bytesOf(disk, path);
    for (const cut of [1, 20, bytes.length]) {
      await write(disk, path, bytes.subarray(0, bytes.length - cut));
      expect((await verify(disk)).findings, `${cut} bytes`).toEqual({ truncated: 1 });
    }
  });

  it('finds bytes after the committed end of a closed segment, but not of an open one', async () => {
    for (const closed of [true, false]) {
      const { disk } = await sample({ layout: 'segments', closed });
      const path = closed
        ? `${DIRECTORY}/${SAMPLE_SEGMENT}.json.gz`
        : `${DIRECTORY}/.ttl-archive/open/sample-0.json.gz.open`;
      await write(disk, path, Buffer.concat([await bytesOf(disk, path), Buffer.from('more')]));
      expect((await verify(disk)).findings).toEqual(closed ? { unlisted: 1 } : {});
    }
  });

  it('finds a record and a file that two lines list', async () => {
    const { disk, entries } = await sample();
    const lines = await linesOf(disk);
    const [first] = entries;
    const twice = lines.map((line, index) =>
      index === 20 && line.type === 'item' && first ? { ...line, ...first } : line,
    );
    await writeJournal(disk, DIRECTORY, twice);
    expect((await verify(disk)).findings).toEqual({ 'listed-twice': 1, unlisted: 1 });
    const sameFile = lines.map((line, index) =>
      index === 20 && line.type === 'item' && first ? { ...line, file: first.file } : line,
    );
    await writeJournal(disk, DIRECTORY, sameFile);
    expect((await verify(disk)).found[0]).toMatchObject({
      kind: 'listed-twice',
      detail: expect.stringMatching(/same file/),
    });
  });

  it.each(['../outside.json', '/etc/passwd', '.ttl-archive/archive.json', 'a/../../b.json', 'a\u001b[2J.json'])(
    'never reads %j, which a journal line names',
    async (file) => {
      const { disk } = await sample();
      const lines = await linesOf(disk);
      await writeJournal(
        disk,
        DIRECTORY,
        lines.map((line, index) => (index === 3 && line.type === 'item' ? { ...line, file } : line)),
      );
      const { found } = await verify(disk);
      expect(found[0]).toMatchObject({ kind: 'journal', file });
    },
  );

  it('does not report a file that a running watch lists a moment later', async () => {
    const { disk } = await sample();
    const lines = await linesOf(disk);
    const early = lines.slice(0, 22);
    await writeJournal(disk, DIRECTORY, early);
    await write(disk, `${DIRECTORY}/.ttl-archive/lock`, '{}');
    let readings = 0;
    const clock = simulatedClock();
    const found: Finding[] = [];
    await clock.runUntil(
      verifyArchive({
        disk,
        directory: DIRECTORY,
        journal: () => {
          const reading = journalOf(disk, DIRECTORY)();
          readings++;
          return reading;
        },
        files: () => walk(disk),
        clock: {
          ...clock,
          sleep: async (ms, signal) => {
            if (readings === 3) await writeJournal(disk, DIRECTORY, lines);
            await clock.sleep(ms, signal);
          },
        },
        onFinding: (finding) => found.push(finding),
      }),
    );
    expect(found).toEqual([]);
    expect(readings).toBe(4);
  });

  it('returns the gaps of the journal, and passes', async () => {
    const { disk } = await sample();
    const gap = {
      stream: 's',
      ShardId: 'shard',
      to: '2026-11-24T00:00:00Z',
      reason: 'trimmed',
      at: '2026-11-24T01:00:00Z',
    };
    await writeJournal(disk, DIRECTORY, [...(await linesOf(disk)), { type: 'gap', ...gap }]);
    expect(await verify(disk)).toMatchObject({ gaps: [gap], findings: {} });
  });

  it('stops when the signal aborts', async () => {
    const { disk } = await sample();
    const input = { disk, directory: DIRECTORY, journal: journalOf(disk, DIRECTORY), files: () => walk(disk) };
    const verifying = verifyArchive({
      ...input,
      clock: simulatedClock(),
      signal: AbortSignal.abort(new Error('stop')),
    });
    expect(await verifying).toMatchObject({ interrupted: true, items: 0 });
  });

  it('reads of a sample only its files, and misses the others when they are gone', async () => {
    const { disk, entries } = await sample();
    const drawn = drawSample(30, Date.UTC(2026, 10, 25));
    const inside = entries.filter(({ file }) => drawn.includes(file));
    const [outside, gone] = entries
      .filter(({ file }) => !drawn.includes(file))
      .map(({ file }) => `${DIRECTORY}/${file}`);
    const alter = async (path: string) => {
      const content = (await disk.read(path, 10_000)) ?? Buffer.alloc(0);
      await write(disk, path, content.fill(120, 5, 9));
    };
    await alter(outside ?? '');
    expect(await verify(disk, drawn)).toMatchObject({ found: [], sample: { percent: 30, items: inside.length } });
    await alter(`${DIRECTORY}/${inside[0]?.file}`);
    await disk.remove(gone ?? '');
    const { found } = await verify(disk, drawn);
    expect(found.map(({ kind }) => kind).toSorted()).toEqual(['altered', 'missing']);
  });

  it('reads of a sample only its segments', async () => {
    const { disk, entries } = await sample({ layout: 'segments' });
    const path = `${DIRECTORY}/${entries[0]?.file}`;
    const content = (await disk.read(path, 100_000)) ?? Buffer.alloc(0);
    await write(disk, path, content.fill(1, 20, 30));
    const all = { percent: 1, day: '2026-11-25', includes: () => false };
    expect(await verify(disk, all)).toMatchObject({ found: [], sample: { items: 0 } });
    expect((await verify(disk, { ...all, includes: () => true })).found).not.toEqual([]);
  });
});

describe('drawSample', () => {
  it('draws about the share, the same all day, and other files on another day', () => {
    const files = Array.from({ length: 10_000 }, (_, index) => `file-${index}`);
    const drawn = (now: string) => files.filter((file) => drawSample(5, Date.parse(now)).includes(file));
    const morning = drawn('2026-11-25T00:00Z');
    expect(Math.abs(morning.length - 500)).toBeLessThan(100);
    expect(drawn('2026-11-25T23:59Z')).toEqual(morning);
    const next = new Set(drawn('2026-11-26T00:00Z'));
    expect(morning.filter((file) => next.has(file)).length).toBeLessThan(100);
    expect(files.every((file) => drawSample(100, 0).includes(file))).toBe(true);
  });
});
