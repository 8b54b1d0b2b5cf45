import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstat, mkdir, open, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createGzip, gzipSync } from 'node:zlib';

export interface HostileFolder {
  readonly name: string;
  readonly layout: 'files' | 'segments';
  /** Damages a sound archive; `outside` is a folder that must not be touched. */
  readonly spoil: (archive: string, outside: string) => Promise<void>;
}

type Json = Record<string, unknown>;

const JOURNAL = '.ttl-archive/journal/2026-11-24.ndjson';
const DEEP = `${'{"M":'.repeat(200_000)}{}${'}'.repeat(200_000)}`;
const ESCAPES = '\u001b[2J\u009b31m\r\n\u202e';
const PATHS = [
  '../../outside/secret',
  '/etc/passwd',
  'a\u0000b.json',
  `${ESCAPES}.json`,
  '.ttl-archive/lock',
  'x/'.repeat(3000),
  '',
];

/** Puts something else in the place of a file. */
const IN_PLACE: Record<string, (path: string, outside: string) => Promise<void>> = {
  'a link to a file outside': (path, outside) => symlink(join(outside, 'secret'), path),
  'a dangling link': (path, outside) => symlink(join(outside, 'nothing'), path),
  'a link to itself': (path) => symlink(path, path),
  'a link to /dev/zero': (path) => symlink('/dev/zero', path),
  'a named pipe': async (path) => void execFileSync('mkfifo', [path]),
  'a folder': (path) => mkdir(path),
  'an empty file': (path) => writeFile(path, ''),
  '8 GB of nothing': async (path) => {
    const file = await open(path, 'w');
    await file.truncate(8 * 1024 ** 3);
    await file.close();
  },
  'bytes that are no UTF-8': (path) => writeFile(path, Buffer.alloc(5000, 0xfe)),
  'deep nesting': (path) => writeFile(path, `${DEEP}\n`),
  null: (path) => writeFile(path, 'null\n'),
  'a list': (path) => writeFile(path, '[[[]]]\n'),
  escapes: (path) => writeFile(path, `{"${ESCAPES.trim()}":"\u001b]0;x\u0007"}\n`),
};

const FILES = {
  files: ['.ttl-archive/archive.json', '.ttl-archive/checkpoints.json', '.ttl-archive/lock', JOURNAL, 'ITEM'],
  segments: ['ITEM'],
} as const;

const FOLDERS = {
  files: ['.ttl-archive', '.ttl-archive/tmp', '.ttl-archive/open', '.ttl-archive/journal'],
  segments: ['.ttl-archive/open', 'year=2026', 'year=2026/month=11/day=24'],
} as const;

/** Fields of an item line, and what a stranger may write there. */
const ITEM_FIELDS: readonly Json[] = [
  ...PATHS.map((file) => ({ file })),
  { Keys: JSON.parse('{"__proto__":{"S":"x"},"constructor":{"S":"y"}}') },
  { Keys: { PK: JSON.parse(`${'{"M":'.repeat(4000)}{}${'}'.repeat(4000)}`) } },
  { Keys: { [ESCAPES]: { S: ESCAPES } } },
  { Keys: {} },
  { eventID: ESCAPES },
  { deletedAt: 'nonsense' },
  { deletedAt: '+275760-09-14T00:00:00.000Z' },
  { deletedAt: '2026-11-24T00:00:00.000Z\u001b[31m' },
  { ttl: 1e300 },
  { ttl: -1e15 },
  { ttl: 'soon' },
  { provenance: '__proto__' },
  { size: 2 ** 52 },
  { size: 1.5 },
  { size: -1 },
  { offset: 2 ** 52, line: 0 },
  { offset: 0, line: 2 ** 40 },
  { offset: -1 },
  { sha256: '' },
  { sha256: 5 },
];

/** The same of the line that closes a commit. */
const CLOSING_FIELDS: readonly Json[] = [
  { ShardId: ESCAPES, stream: ESCAPES },
  { ShardId: '__proto__', stream: 'constructor' },
  { position: ESCAPES },
  { position: '9'.repeat(5000) },
  { caughtUpAt: 'nonsense' },
  { caughtUpAt: '+275760-09-14T00:00:00.000Z' },
  { at: 'nonsense' },
  { segments: [{ file: '../../outside/secret', length: 0 }] },
  { segments: [{ file: 'year=2026/x.json.gz', length: 2 ** 52 }] },
  { segments: [{ file: ESCAPES, length: 1, closed: true }] },
  { segments: { length: 3 } },
  { type: 'gap', reason: ESCAPES, to: 'nonsense' },
  { type: 'gap', reason: 'x', from: '0000', to: '9999', cause: ESCAPES, scope: ESCAPES },
  { type: 'heartbeat', behind: [5, null, ESCAPES], getRecordsCalls: 2 ** 52 },
  { type: 'heartbeat', behind: {}, getRecordsCalls: -1 },
  { type: ESCAPES },
  { type: '__proto__' },
];

const ARCHIVE_FIELDS: readonly (readonly [string, Json | string])[] = [
  ['a later version', { version: 2 }],
  ['a version that is a text', { version: '1' }],
  ['a table with escapes', { table: ESCAPES }],
  ['an unknown layout', { layout: ESCAPES }],
  ['an unknown format', { format: '__proto__' }],
  ['a TTL attribute with escapes', { ttlAttribute: ESCAPES }],
  ['a key schema with escapes', { keySchema: [{ name: ESCAPES, keyType: 'HASH', type: 'S' }] }],
  ['a key schema of another kind', { keySchema: [{ name: 5 }, 6, 7] }],
  ['a byte order mark', '\ufeff{"version":1,"table":"Sample","layout":"files","format":"item"}'],
  ['every name twice', '{"version":1,"version":1,"table":"Sample","table":"x","layout":"files","format":"item"}'],
];

const SNAPSHOTS: readonly Json[] = [
  { file: '../../../outside/secret' },
  { file: ESCAPES },
  { offset: 2 ** 52 },
  { offset: -5 },
  { lineLength: 2 ** 40 },
  { checkpoints: [null] },
  { checkpoints: [{ stream: ESCAPES, ShardId: ESCAPES, position: '1', at: 'nonsense' }] },
  { openSegments: [['../../outside/secret', 0]] },
  { openSegments: [5] },
  { openSegments: [[ESCAPES, 1e300]] },
  { gaps: [5, null, { reason: ESCAPES }] },
  { gaps: [{ stream: 's', ShardId: ESCAPES, from: ESCAPES, to: 'nonsense', reason: ESCAPES, at: 'x' }] },
  { items: 1e300 },
  { firstAt: ESCAPES, lastAt: 5 },
  { earlier: [{ file: '../../../outside/secret', size: 6 }] },
];

const LOCKS: readonly Json[] = [
  { pid: -1 },
  { pid: 2 ** 40 },
  { pid: 1, host: ESCAPES },
  { pid: 1, host: 'x'.repeat(100_000) },
  { since: ESCAPES, renewedAt: ESCAPES },
  { leaseMs: 1e15 },
  { leaseMs: -1, renewals: -1 },
  { progress: { shards: { open: ESCAPES }, readUpTo: ESCAPES, getRecordsCalls: -1, isPriced: 'yes' } },
  { progress: [ESCAPES] },
  { startTime: { a: 1 }, namespace: 5 },
];

export const HOSTILE_FOLDERS: readonly HostileFolder[] = [
  ...Object.entries(FILES).flatMap(([layout, files]) =>
    files.flatMap((file) =>
      Object.entries(IN_PLACE).map(([what, put]) => ({
        name: `${what} in the place of ${file} (${layout})`,
        layout: layout as 'files' | 'segments',
        spoil: async (archive: string, outside: string) => {
          const path = join(archive, file === 'ITEM' ? await someItem(archive) : file);
          await rm(path, { force: true });
          await put(path, outside);
        },
      })),
    ),
  ),
  ...Object.entries(FOLDERS).flatMap(([layout, folders]) =>
    folders.flatMap((folder) =>
      (['a link to a folder outside', 'a file', 'a named pipe', 'nothing'] as const).map((what) => ({
        name: `${what} in the place of ${folder}/ (${layout})`,
        layout: layout as 'files' | 'segments',
        spoil: async (archive: string, outside: string) => {
          const path = join(archive, folder);
          await rm(path, { recursive: true });
          if (what === 'a file') await writeFile(path, 'x');
          if (what === 'a named pipe') execFileSync('mkfifo', [path]);
          if (what === 'a link to a folder outside') await symlink(outside, path);
        },
      })),
    ),
  ),
  ...ITEM_FIELDS.map((fields, index) => rewritten(`item line ${index}`, 'item', fields)),
  ...CLOSING_FIELDS.map((fields, index) => rewritten(`closing line ${index}`, 'checkpoint', fields)),
  ...ARCHIVE_FIELDS.map(([what, content]) => ({
    name: `archive.json with ${what}`,
    layout: 'files' as const,
    spoil: async (archive: string) => {
      const path = join(archive, '.ttl-archive/archive.json');
      const text =
        typeof content === 'string'
          ? content
          : JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), ...content });
      await writeFile(path, text);
    },
  })),
  ...SNAPSHOTS.map((fields, index) => ({
    name: `snapshot ${index}`,
    layout: 'files' as const,
    spoil: (archive: string) => writeSnapshot(archive, fields),
  })),
  ...LOCKS.map((fields, index) => ({
    name: `lock ${index}`,
    layout: 'files' as const,
    spoil: async (archive: string) => {
      const sound = {
        host: 'elsewhere',
        pid: 7,
        since: '2026-11-24T00:00:00.000Z',
        id: 'x',
        leaseMs: 20_000,
        renewals: 1,
      };
      await writeFile(join(archive, '.ttl-archive/lock'), JSON.stringify({ ...sound, ...fields }));
    },
  })),
  {
    name: 'a gzip bomb of line feeds',
    layout: 'segments',
    spoil: async (archive) => writeFile(join(archive, await someItem(archive)), await bomb('\n')),
  },
  {
    name: 'a gzip bomb that is one line',
    layout: 'segments',
    spoil: async (archive) => writeFile(join(archive, await someItem(archive)), await bomb(' ')),
  },
  ...Object.entries({
    'of nothing': Buffer.alloc(16 * 1024 ** 2),
    'of control characters': Buffer.from(`{"PK":{"S":"${'\u009b'.repeat(8_000_000)}"}}\n`),
  }).map(([what, content]) => ({
    name: `a bomb of twelve items of 16 MB ${what}, which the journal lists as they are`,
    layout: 'files' as const,
    spoil: async (archive: string) => {
      const names = (await readdir(archive)).filter((name) => name.endsWith('.json'));
      for (const name of names) await writeFile(join(archive, name), content);
      const listed = { size: content.length, sha256: sha256(content) };
      await rewriteJournal(archive, 'item', listed, { all: true });
    },
  })),
  {
    name: 'a forged member behind a segment',
    layout: 'segments',
    spoil: async (archive) => {
      const path = join(archive, await someItem(archive));
      await writeFile(path, Buffer.concat([await readFile(path), gzipSync('{"Item":{"PK":{"S":"forged"}}}\n')]));
    },
  },
];

function rewritten(name: string, type: string, fields: Json): HostileFolder {
  return {
    name: `${name}: ${JSON.stringify(fields).slice(0, 60)}`.replaceAll(/[^ -~]/g, '?'),
    layout: 'offset' in fields || 'segments' in fields ? 'segments' : 'files',
    spoil: (archive) => rewriteJournal(archive, type, fields),
  };
}

/** Changes the first line of a type, or all of them, and closes the chain of hashes again as whoever forges a journal would. */
async function rewriteJournal(archive: string, type: string, fields: Json, { all = false } = {}): Promise<void> {
  const path = join(archive, JOURNAL);
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
  let prev = '0'.repeat(32);
  let isDone = false;
  const forged = lines.map((line) => {
    const { check: _, prev: __, ...sound }: Json = JSON.parse(line);
    const mine = (all || !isDone) && sound['type'] === type;
    isDone ||= mine;
    const content: Json = mine ? { ...sound, ...fields } : sound;
    const body = JSON.stringify(content).slice(0, -1);
    const check = content['type'] === 'item' ? '' : `,"check":"${sha256(body + prev).slice(0, 16)}"`;
    const whole = `${body}${check},"prev":"${prev}"}`;
    prev = sha256(whole).slice(0, 32);
    return `${whole}\n`;
  });
  await writeFile(path, forged.join(''));
  await rm(join(archive, '.ttl-archive/checkpoints.json'), { force: true });
}

async function writeSnapshot(archive: string, fields: Json): Promise<void> {
  const journal = await readFile(join(archive, JOURNAL), 'utf8');
  const last = journal.trimEnd().split('\n').at(-1) ?? '';
  const sound = {
    version: 1,
    file: '2026-11-24.ndjson',
    offset: Buffer.byteLength(journal),
    lineLength: Buffer.byteLength(last) + 1,
    prev: sha256(last).slice(0, 32),
    earlier: [],
    items: 12,
    bytes: 1,
    getRecordsCalls: 1,
    checkpoints: [],
    openSegments: [],
    gaps: [],
  };
  const body = JSON.stringify({ ...sound, ...fields }).slice(0, -1);
  await writeFile(join(archive, '.ttl-archive/checkpoints.json'), `${body},"check":"${sha256(body).slice(0, 32)}"}\n`);
}

/** The path of an archived item's file, relative to the archive. */
async function someItem(archive: string): Promise<string> {
  const names = await readdir(archive, { recursive: true });
  const [first] = names.filter((name) => /\.json(?:\.gz)?$/.test(name) && !name.startsWith('.')).toSorted();
  if (first === undefined) throw new Error('the archive holds no item');
  return first;
}

/** One gzip member of 255 MB, with the header that ours have: another one is refused before anything is inflated. */
async function bomb(character: string): Promise<Buffer> {
  const gzip = createGzip();
  const parts: Buffer[] = [];
  gzip.on('data', (part: Buffer) => parts.push(part));
  const block = Buffer.alloc(1024 * 1024, character);
  for (let megabytes = 0; megabytes < 255; megabytes++) {
    if (!gzip.write(block)) await new Promise((resolve) => gzip.once('drain', resolve));
  }
  // `end` calls back when everything was taken in; the last bytes come out after that.
  await new Promise((resolve) => gzip.once('end', resolve).end());
  const member = Buffer.concat(parts);
  Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]).copy(member);
  return member;
}

/** All that lies in a folder, as one text: names, kinds and contents. */
export async function fingerprint(folder: string): Promise<string> {
  const parts: string[] = [];
  for (const name of (await readdir(folder, { recursive: true })).toSorted()) {
    const path = join(folder, name);
    const stats = await lstat(path);
    const content = stats.isFile()
      ? sha256(await readFile(path))
      : stats.isSymbolicLink()
        ? await readlink(path)
        : 'other';
    parts.push(`${name} ${stats.mode} ${stats.size} ${content}`);
  }
  return parts.join('\n');
}

function sha256(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex');
}
