import { gzipSync } from 'node:zlib';
import { TtlArchiveError } from '../../src/errors.js';
import { readArchiveFile } from '../../src/journal/archive-file.js';
import { openJournal } from '../../src/journal/open-journal.js';
import { readPrunes } from '../../src/journal/prunes.js';
import { readJournal } from '../../src/journal/read-journal.js';
import type { Finding } from '../../src/verify/finding.js';
import { verifyArchive } from '../../src/verify/verify.js';
import { watch } from '../../src/watch/watch.js';
import { inProcessStreams } from './in-process-streams.js';
import { MemoryDisk } from './memory-disk.js';
import { mutatedBytes } from './mutate.js';
import { simulatedClock } from './simulated-clock.js';
import { StreamModel, seededRandom, ttlDelete } from './streams-server.js';

const OUT = '/archive';
const STATE = `${OUT}/.ttl-archive`;

export const LAYOUTS = [
  { layout: 'files', compress: 'none' },
  { layout: 'segments', compress: 'gzip' },
  { layout: 'segments', compress: 'none' },
] as const;

/** How the runs before ended. */
export const ENDINGS = ['stopped', 'killed', 'no snapshot'] as const;

export interface MadeArchive {
  readonly model: StreamModel;
  readonly disk: MemoryDisk;
  readonly settings: (typeof LAYOUTS)[number];
  readonly ending?: (typeof ENDINGS)[number];
}

/** An archive over two days, as one clean run and another one that ended somehow leave it. */
export async function makeArchive(
  settings: MadeArchive['settings'],
  ending: (typeof ENDINGS)[number],
): Promise<MadeArchive> {
  const clock = simulatedClock();
  const model = new StreamModel({ now: () => clock.now() });
  const { shards } = model.createTable({ TableName: 'T', shards: 2 });
  const put = (count: number, from: number): void => {
    for (let n = from; n < from + count; n++) {
      model.put(
        shards[n % 2] ?? '',
        ttlDelete({ PK: { S: `${n}` }, ttl: { N: '1795000000' }, data: { S: 'é'.repeat(n) } }),
      );
    }
  };
  put(6, 0);
  const disk = new MemoryDisk();
  await watchOnce({ model, disk, settings });
  await clock.advance(13 * 3_600_000);
  put(6, 6);
  if (ending === 'killed') {
    disk.stopAfter(disk.mutations === 0 ? 1 : 24, () => 0.5);
    await watchOnce({ model, disk, settings });
    const left = disk.kill();
    left.put(`${STATE}/lock`, undefined);
    return { model, disk: left, settings, ending };
  }
  await watchOnce({ model, disk, settings });
  if (ending === 'no snapshot') disk.put(`${STATE}/checkpoints.json`, undefined);
  return { model, disk, settings, ending };
}

export function copyOf(disk: MemoryDisk): MemoryDisk {
  const copy = new MemoryDisk();
  for (const path of disk.paths()) copy.put(path, disk.content(path));
  return copy;
}

/** Undefined: it ended well; else the error. */
export async function watchOnce({ model, disk, settings }: MadeArchive): Promise<unknown> {
  const clock = simulatedClock({ start: model.now(), turns: 1 });
  const random = seededRandom(1);
  try {
    await clock.runUntil(
      watch({ table: 'T', out: OUT, once: true, ...settings }, { ...inProcessStreams(model, {}), clock, random, disk })
        .done,
      10_000,
    );
    return undefined;
  } catch (error) {
    return error;
  }
}

/** What `verify` says: nothing when the archive verifies. */
export async function verifyAll(disk: MemoryDisk): Promise<readonly string[]> {
  const clock = simulatedClock();
  const found: string[] = [];
  try {
    if ((await readArchiveFile({ disk }, STATE)) === undefined) return ['no archive'];
    await clock.runUntil(
      verifyArchive({
        disk,
        directory: OUT,
        journal: () => readJournal({ disk }, STATE),
        prunes: () => readPrunes({ disk }, STATE),
        openJournal: () => openJournal({ disk, clock }, { directory: STATE, readOnly: true }),
        async *files() {
          for (const path of disk.paths()) if (!path.startsWith(`${STATE}/`)) yield path.slice(OUT.length + 1);
        },
        clock,
        onFinding: (finding: Finding) => found.push(JSON.stringify(finding)),
      }),
    );
  } catch (error) {
    if (!(error instanceof TtlArchiveError)) throw error;
    found.push(error.message);
  }
  return found;
}

export interface Mutation {
  readonly how: (typeof MUTATIONS)[number];
  /** Which file, and where in it. */
  readonly seed: number;
}

export const MUTATIONS = [
  'bytes of the journal',
  'bytes of the snapshot',
  'bytes of archive.json',
  'bytes of an item or a segment',
  'file removed',
  'files swapped',
  'last commit cut off with its file',
  'last lines cut off',
  'member forged behind a segment',
  'zeros behind a file',
  'snapshot removed',
  'archive.json removed',
  'file added',
] as const;

const ADDED: readonly string[] = [
  `${OUT}/README.md`,
  `${OUT}/.DS_Store`,
  `${OUT}/._x.json`,
  `${OUT}/x.json`,
  `${OUT}/year=2026/month=11/day=23/hour=12/x.json.gz`,
  `${STATE}/tmp/0`,
  `${STATE}/open/x.json.gz.open`,
  `${STATE}/journal/9999-12-31.ndjson`,
  `${STATE}/journal/0000-01-01.ndjson`,
  `${STATE}/journal/README.md`,
];

/** Changes the archive; gives what was done. */
export function mutate(disk: MemoryDisk, { how, seed }: Mutation): string {
  const random = seededRandom(seed);
  const all = disk.paths().filter((path) => path.startsWith(OUT));
  const journals = all.filter((path) => path.endsWith('.ndjson'));
  const data = all.filter((path) => !path.startsWith(STATE) || path.endsWith('.open'));
  const pick = (paths: readonly string[]): string =>
    paths[Math.floor(random() * paths.length)] ?? `${STATE}/archive.json`;
  const change = (path: string): string => {
    const { bytes, how: what } = mutatedBytes(disk.content(path) ?? Buffer.alloc(0), random);
    disk.put(path, bytes);
    return `${path} ${what}`;
  };
  const append = (path: string, bytes: Buffer): string => {
    disk.put(path, Buffer.concat([disk.content(path) ?? Buffer.alloc(0), bytes]));
    return `${path} longer`;
  };
  switch (how) {
    case 'bytes of the journal':
      return change(pick(journals));
    case 'bytes of the snapshot':
      return change(`${STATE}/checkpoints.json`);
    case 'bytes of archive.json':
      return change(`${STATE}/archive.json`);
    case 'bytes of an item or a segment':
      return change(pick(data));
    case 'file removed': {
      const path = pick(all);
      disk.put(path, undefined);
      return `${path} removed`;
    }
    case 'files swapped': {
      const [a, b] = [pick(all), pick(all)];
      const [first, second] = [disk.content(a), disk.content(b)];
      disk.put(a, second);
      disk.put(b, first);
      return `${a} and ${b} swapped`;
    }
    case 'last commit cut off with its file':
      return cutLastCommit(disk, journals.at(-1) ?? '');
    case 'last lines cut off': {
      const path = journals.at(-1) ?? '';
      const lines = (disk.content(path)?.toString() ?? '').split('\n').slice(0, -1);
      const kept = Math.floor(random() * lines.length);
      disk.put(
        path,
        lines
          .slice(0, kept)
          .map((line) => `${line}\n`)
          .join(''),
      );
      return `${path} cut after line ${kept}`;
    }
    case 'member forged behind a segment':
      return append(pick(data), gzipSync('{"Item":{"PK":{"S":"forged"}}}\n'));
    case 'zeros behind a file':
      return append(pick(data), Buffer.alloc(1 + Math.floor(random() * 100)));
    case 'snapshot removed':
      disk.put(`${STATE}/checkpoints.json`, undefined);
      return how;
    case 'archive.json removed':
      disk.put(`${STATE}/archive.json`, undefined);
      return how;
    case 'file added':
      break;
  }
  const added = pick(ADDED);
  disk.put(added, random() < 0.5 ? '' : '{"PK":{"S":"x"}}\n');
  return `${added} added`;
}

function cutLastCommit(disk: MemoryDisk, path: string): string {
  const lines = (disk.content(path)?.toString() ?? '').split('\n').slice(0, -1);
  let from = lines.length - 1;
  while (from > 0 && lines[from - 1]?.startsWith('{"type":"item"')) from--;
  for (const line of lines.slice(from)) {
    const file = /"file":"([^"]+)"/.exec(line)?.[1];
    if (line.startsWith('{"type":"item"') && file !== undefined) disk.put(`${OUT}/${file}`, undefined);
  }
  disk.put(
    path,
    lines
      .slice(0, from)
      .map((line) => `${line}\n`)
      .join(''),
  );
  return `${path} without its last commit`;
}
