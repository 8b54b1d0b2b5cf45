import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { decodeLine, encodeLine, FIRST_PREV, hashOf } from '../../../src/journal/journal-line.js';
import type { ItemEntry, JournalLine } from '../../../src/ports/index.js';
import { checkpoint, item, STREAM } from './journal-fixture.js';

const LINES: JournalLine[] = [
  item(1),
  checkpoint('7', { caughtUpAt: '2026-11-23T12:00:00.000Z', segments: [{ file: 's', length: 3, closed: true }] }),
  { type: 'gap', stream: STREAM, ShardId: 's', to: '2026', reason: 'trimmed "x"\n', at: '2026' },
  { type: 'gap', stream: STREAM, ShardId: 's', cause: 'newer', scope: 'stream', to: '2026', reason: 'x', at: '2026' },
  { type: 'heartbeat', stream: STREAM, at: '2026', behind: ['a'], getRecordsCalls: 3 },
];

describe('encodeLine', () => {
  it('ends with the hash of the previous line, and begins with the type', () => {
    const prev = hashOf('é');
    expect(prev).toBe(createHash('sha256').update('é').digest('hex').slice(0, 32));
    for (const line of LINES) {
      const text = encodeLine(line, prev);
      expect(text.endsWith(`,"prev":"${prev}"}`)).toBe(true);
      expect(JSON.parse(text)).toMatchObject({ ...line, prev });
    }
    const { type, ...rest } = checkpoint('1');
    expect(encodeLine({ ...rest, type }, prev).startsWith('{"type":"checkpoint",')).toBe(true);
  });

  it('writes every member of an item, whatever its value', () => {
    const whole: Required<ItemEntry> = {
      file: 'year=2026/month=11/day=24/hour=20/1-0.json.gz',
      sha256: 'f'.repeat(64),
      size: 12,
      offset: 0,
      line: 0,
      eventID: '"e\u0000\n',
      ShardId: 'shardId-"\\',
      SequenceNumber: '1"',
      Keys: { 'P"K': { S: '\u2028é😀"' }, SK: { N: '1.0' } },
      ttl: -1.5,
      deletedAt: '1970-01-01T00:00:00.000Z',
      provenance: 'ddb-local',
    };
    const line: JournalLine = { type: 'item', ...whole };
    const text = encodeLine(line, FIRST_PREV);
    expect(JSON.parse(text)).toEqual({ ...line, prev: FIRST_PREV });
    expect(text.startsWith('{"type":"item",')).toBe(true);
  });
});

describe('decodeLine', () => {
  it('returns what was encoded', () => {
    for (const line of LINES) {
      expect(decodeLine(Buffer.from(encodeLine(line, FIRST_PREV)))).toEqual({ line, prev: FIRST_PREV });
    }
  });

  it('detects every changed byte of a closing line', () => {
    const bytes = Buffer.from(encodeLine(checkpoint('123456789012345678901'), hashOf('x')));
    for (let at = 0; at < bytes.length; at++) {
      for (const bit of [1, 4, 128]) {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ bit;
        expect(decodeLine(changed)).toHaveProperty('problem');
      }
    }
  });

  it.each(['', '{}', 'null', 'x'.repeat(100), `{"type":"item","prev":"${FIRST_PREV}"}`, '\0'.repeat(99)])(
    'returns a problem when the line is %j',
    (text) => {
      expect(decodeLine(Buffer.from(text))).toHaveProperty('problem');
    },
  );
});
