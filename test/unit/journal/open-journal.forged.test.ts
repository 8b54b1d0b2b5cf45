import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { TtlArchiveError } from '../../../src/errors.js';
import { encodeLine, FIRST_PREV, hashOf } from '../../../src/journal/journal-line.js';
import type { JournalLine } from '../../../src/ports/index.js';
import { MemoryDisk } from '../../support/memory-disk.js';
import { checkpoint, DIRECTORY, FIRST_FILE, item, open, recordsOf, SNAPSHOT, STREAM } from './journal-fixture.js';

/** Lines with right hashes, whatever their content. */
function journalOf(lines: readonly object[]): string {
  let prev = FIRST_PREV;
  return lines
    .map((line) => {
      const text = encodeLine(line as JournalLine, prev);
      prev = hashOf(text);
      return `${text}\n`;
    })
    .join('');
}

/** The error's code when opened for reading, and for writing. */
async function codesOf(disk: MemoryDisk): Promise<unknown[]> {
  return Promise.all([true, false].map((readOnly) => codeOf(disk, readOnly)));
}

function codeOf(disk: MemoryDisk, readOnly: boolean): Promise<unknown> {
  return open(disk, undefined, readOnly).then(
    () => 'opened',
    (error: unknown) => (error instanceof TtlArchiveError ? error.code : error),
  );
}

const REFUSED = ['JOURNAL', 'JOURNAL'];
const JUNK: readonly unknown[] = [null, true, -1, 1.5, 1e300, '', 'x', [], {}, [[]], ['x', null]];
const AT = '2026-11-23T12:00:00.000Z';
const GAP = { type: 'gap', stream: 's', ShardId: 's', to: AT, reason: 'r', at: AT };
const HEARTBEAT = { type: 'heartbeat', stream: 's', at: AT, behind: [], getRecordsCalls: 1 };

describe('openJournal, given forged files', () => {
  it.each([
    ['a position that is not a number', { ...checkpoint('1'), position: 'abc' }],
    ['an endless position', { ...checkpoint('1'), position: '1'.repeat(1_000_000) }],
    ['an invalid time', { ...checkpoint('1'), at: '2026-99-99T00:00:00.000Z' }],
    ['a time of the year 99999999', { ...checkpoint('1'), caughtUpAt: '+99999999-01-01T00:00:00Z' }],
    ['a number for a time', { ...GAP, from: 7 }],
    ['segments of nothing', { ...checkpoint('1'), segments: [null] }],
    [
      'a segment that is closed by a string',
      { ...checkpoint('1'), segments: [{ file: 'f', length: 1, closed: 'no' }] },
    ],
    ['shards that are not strings', { ...HEARTBEAT, behind: [1] }],
    ['dropped shards that are not strings', { ...HEARTBEAT, dropped: [{}] }],
    ['a string for the dropped shards', { ...HEARTBEAT, dropped: 'ab' }],
    ['a reason that is an object', { ...GAP, reason: { toString: 1 } }],
    ['a type that every object inherits', { ...GAP, type: 'constructor' }],
  ])('rejects a line with %s', async (_what, line) => {
    const disk = new MemoryDisk();
    disk.put(FIRST_FILE, journalOf([line]));
    expect(await codesOf(disk)).toEqual(REFUSED);
    expect(await recordsOf(disk)).toMatchObject([{ problem: expect.any(String) }]);
  });

  it('rejects a line that is nested too deeply to be printed', async () => {
    const disk = new MemoryDisk();
    const deep = JSON.parse(`${'['.repeat(3000)}${']'.repeat(3000)}`);
    disk.put(FIRST_FILE, journalOf([{ ...checkpoint('1'), more: deep }]));
    expect(await codesOf(disk)).toEqual(REFUSED);
  });

  it('rejects endless item lines that no line closes', async () => {
    const disk = new MemoryDisk();
    const { Keys: _, ...rest } = item(1) as unknown as Record<string, unknown>;
    const many = Array.from({ length: 40 }, () => ({ ...rest, Keys: { PK: { S: 'x'.repeat(1_000_000) } } }));
    disk.put(FIRST_FILE, journalOf([...many, checkpoint('1')]));
    expect(await codesOf(disk)).toEqual(REFUSED);
    expect(await recordsOf(disk)).toContainEqual(
      expect.objectContaining({ problem: expect.stringContaining('bytes') }),
    );
  });

  it('rejects a snapshot whose hash is right and whose members have wrong types', async () => {
    const disk = new MemoryDisk();
    const journal = await open(disk);
    await journal.commit([item(1), { ...checkpoint('1'), segments: [{ file: 'f', length: 5 }] }]);
    await journal.commit([checkpoint('SHARD_END', { ShardId: 'old' })]);
    await journal.commit([{ ...HEARTBEAT, stream: STREAM, dropped: ['old'] } as unknown as JournalLine]);
    await journal.commit([GAP as JournalLine]);
    await journal.close();
    const { check: _, ...good } = JSON.parse(disk.content(SNAPSHOT)?.toString() ?? '');
    const accepted: string[] = [];
    for (const name of Object.keys(good)) {
      for (const junk of JUNK) {
        const body = JSON.stringify({ ...good, [name]: junk }).slice(0, -1);
        disk.put(SNAPSHOT, `${body},"check":"${hash('sha256', body).slice(0, 32)}"}\n`);
        const code = await codeOf(disk, true);
        if (code !== 'JOURNAL') accepted.push(`${name}: ${JSON.stringify(junk)} ${String(code)}`);
      }
    }
    // Only empty lists are valid here.
    expect(accepted.toSorted()).toEqual([
      'checkpoints: [] opened',
      'droppedShards: [] opened',
      'earlier: [] opened',
      'gaps: [] opened',
      'openSegments: [] opened',
    ]);
  });

  it.each(['null', '[]', '{}', '{"version":2}', '7', 'x', ''])(
    'rejects the snapshot %j with a right hash',
    async (text) => {
      const disk = new MemoryDisk();
      const body = text.endsWith('}') ? text.slice(0, -1) : text;
      disk.put(SNAPSHOT, `${body},"check":"${hash('sha256', body).slice(0, 32)}"}\n`);
      expect(await codesOf(disk)).toEqual(REFUSED);
    },
  );

  it('throws without reading when a snapshot is larger than the maximum', async () => {
    const disk = new MemoryDisk();
    disk.put(SNAPSHOT, Buffer.alloc(33 * 1024 * 1024));
    expect(await codesOf(disk)).toEqual(REFUSED);
    expect(await disk.list(DIRECTORY)).toContain('checkpoints.json');
  });
});
