import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { auditArchive, type ExpectedDeletion } from '../../support/archive-audit.js';

type Json = Record<string, unknown>;

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const AT = Date.UTC(2026, 10, 24);
const JOURNAL = '.ttl-archive/journal/2026-11-24.ndjson';
const bodyOf = (number: number) => `{"PK":{"S":"${number}"}}`;
const EXPECTED: readonly ExpectedDeletion[] = [1, 2, 3].map((number) => ({
  ShardId: number < 3 ? 'parent' : 'child',
  SequenceNumber: `${100 + number}`,
  eventID: `event-${number}`,
  body: bodyOf(number),
  at: AT,
}));

const item = (number: number, more: Json = {}): Json => {
  const { ShardId, SequenceNumber, eventID } = EXPECTED[number - 1] ?? {};
  const text = `${bodyOf(number)}\n`;
  return {
    type: 'item',
    file: `${number}.json`,
    sha256: sha256(text),
    size: text.length,
    eventID,
    ShardId,
    SequenceNumber,
    ...more,
  };
};
const checkpoint = (ShardId: string, position: string, more: Json = {}): Json => ({
  type: 'checkpoint',
  stream: 'arn',
  ShardId,
  position,
  at: '2026-11-24T00:00:00.000Z',
  ...more,
});
/** What a sound archive holds. */
const LINES: readonly Json[] = [
  item(1),
  item(2),
  checkpoint('parent', '102'),
  checkpoint('parent', 'SHARD_END'),
  item(3),
  checkpoint('child', '103'),
];
const FILES = Object.fromEntries([1, 2, 3].map((number) => [`${number}.json`, `${bodyOf(number)}\n`]));

function journalOf(lines: readonly Json[]): string {
  let prev = '0'.repeat(32);
  return lines
    .map((line) => {
      const body = JSON.stringify(line).slice(0, -1);
      const check = line['type'] === 'item' ? '' : `,"check":"${sha256(body + prev).slice(0, 16)}"`;
      const text = `${body}${check},"prev":"${prev}"}`;
      prev = sha256(text).slice(0, 32);
      return `${text}\n`;
    })
    .join('');
}

async function problemsOf(
  {
    lines = LINES,
    files = FILES,
    journal = journalOf(lines),
  }: { lines?: readonly Json[]; files?: Record<string, string | Buffer>; journal?: string },
  trimmedUpTo?: number,
) {
  const all: Record<string, string | Buffer> = { ...files, [JOURNAL]: journal };
  const { problems } = await auditArchive({
    archive: {
      paths: async () => Object.keys(all),
      read: async (path) => (all[path] === undefined ? undefined : Buffer.from(all[path])),
    },
    expected: EXPECTED,
    parentOf: (ShardId) => (ShardId === 'child' ? 'parent' : undefined),
    trimmedUpTo,
  });
  return problems.map((problem) => problem.replace(/:.*/s, ''));
}

describe('auditArchive', () => {
  it('finds nothing in a sound archive', async () => {
    expect(await problemsOf({})).toEqual([]);
  });

  it.each<[string, Parameters<typeof problemsOf>[0], string]>([
    ['missing', { lines: LINES.slice(0, 4), files: { ...FILES, '3.json': '' } }, 'missing'],
    ['duplicated', { lines: [item(1), ...LINES] }, 'duplicated'],
    ['never put', { lines: [...LINES, item(3, { eventID: 'event-9' }), checkpoint('child', '103')] }, 'never put'],
    ['of other bytes', { files: { ...FILES, '2.json': `${bodyOf(7)}\n` } }, 'other bytes'],
    ['half-written', { files: { ...FILES, '2.json': bodyOf(2) } }, 'other bytes'],
    ['passed over', { lines: [item(1), ...LINES.slice(2)], files: FILES }, 'passed over'],
    ['backwards', { lines: [...LINES, checkpoint('child', '50')] }, 'backwards'],
    ['before its parent', { lines: [...LINES.slice(0, 3), ...LINES.slice(4), LINES[3] ?? {}] }, 'child first'],
    ['unlisted', { files: { ...FILES, 'x.json': '{}\n' } }, 'unlisted'],
    [
      'a gap without a reason',
      {
        lines: [
          ...LINES,
          { type: 'gap', stream: 'arn', ShardId: 'child', to: '2026-11-24T00:00:00.000Z', reason: 'x', at: 'y' },
        ],
      },
      'gap without a reason',
    ],
    ['a broken chain', { journal: journalOf(LINES).split('\n').toSpliced(3, 1).join('\n') }, 'broken chain'],
    ['a changed closing line', { journal: journalOf(LINES).replace('SHARD_END', 'SHARD_ENX') }, 'broken check'],
    ['an unfinished commit', { journal: journalOf(LINES.slice(0, -1)) }, 'broken journal'],
  ])('names what is %s', async (_, archive, problem) => {
    expect(await problemsOf(archive)).toContain(problem);
  });

  it('takes a gap for what it covers', async () => {
    const gap = {
      type: 'gap',
      stream: 'arn',
      ShardId: 'child',
      from: '2026-11-23T00:00:00.000Z',
      to: '2026-11-25T00:00:00.000Z',
      reason: 'x',
      at: 'y',
    };
    const lines = [...LINES.slice(0, 4), gap, checkpoint('child', 'SHARD_END')];
    const { '3.json': _, ...files } = FILES;
    expect(await problemsOf({ lines, files }, AT)).toEqual([]);
  });

  it('looks into gzip members by offset and line, and at the length of segments', async () => {
    const texts = [1, 2, 3].map((number) => `{"Item":${bodyOf(number)}}`);
    const members = [`${texts[0]}\n${texts[1]}\n`, `${texts[2]}\n`].map((text) => gzipSync(text));
    const segment = Buffer.concat(members);
    const offset = members[0]?.length ?? 0;
    const place = (number: number, where: Json) => {
      const text = texts[number - 1] ?? '';
      return item(number, { file: 's.json.gz', sha256: sha256(text), size: text.length, ...where });
    };
    const lines = [
      place(1, { offset: 0, line: 0 }),
      place(2, { offset: 0, line: 1 }),
      checkpoint('parent', 'SHARD_END', { segments: [{ file: 's.json.gz', length: offset }] }),
      place(3, { offset, line: 0 }),
      checkpoint('child', '103', { segments: [{ file: 's.json.gz', length: segment.length }] }),
    ];
    expect(await problemsOf({ lines, files: { 's.json.gz': segment } })).toEqual([]);
    const longer = Buffer.concat([segment, gzipSync('x')]);
    expect(await problemsOf({ lines, files: { 's.json.gz': longer } })).toEqual(['other length']);
    const swapped = lines.map((line) =>
      'line' in line && line['offset'] === 0 ? { ...line, line: 1 - Number(line['line']) } : line,
    );
    expect(await problemsOf({ lines: swapped, files: { 's.json.gz': segment } })).toContain('other bytes');
  });
});
