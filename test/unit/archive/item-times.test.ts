import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entryParser } from '../../../src/archive/decode-manifest.js';
import { type ItemTimes, timesParser } from '../../../src/archive/item-times.js';
import { manifestLine } from '../../../src/archive/manifest.js';
import type { ItemEntry } from '../../../src/ports/index.js';

const FILE = 'year=2026/month=11/day=24/hour=00/x.json.gz';
const KEY = `.ttl-archive/manifests/${FILE.replace('.json.gz', '.ndjson.gz')}`;
const ENTRY: ItemEntry = {
  file: FILE,
  sha256: 'a'.repeat(64),
  size: 7,
  line: 0,
  offset: 0,
  eventID: 'event-1',
  ShardId: 'shardId-1',
  SequenceNumber: '1',
  Keys: { PK: { S: 'a' } },
  ttl: 1_795_446_313,
  deletedAt: '2026-11-24T00:00:00.000Z',
  provenance: 'ttl',
};

const lineOf = (entry: ItemEntry) => manifestLine(entry).slice(0, -1);
const times = (line: string) => timesParser(KEY, FILE)(Buffer.from(line));
const whole = (line: string) => entryParser(KEY, FILE)(Buffer.from(line));

/** These members of a line, as the two parsers give them. */
function members(line: string): { fast: object; whole: object } {
  const named = ({ eventID, deletedAt, ttl }: ItemTimes) => ({ eventID, deletedAt, ttl });
  return { fast: named(times(line)), whole: named(whole(line)) };
}

describe('timesParser', () => {
  it.each([
    [
      'the names of the members are attributes of the key',
      { Keys: { eventID: { S: 'x' }, deletedAt: { N: '1' }, ttl: { N: '5' } } },
    ],
    [
      'the key holds what looks like them',
      { Keys: { PK: { S: '"eventID":"x","deletedAt":"2020-01-01T00:00:00.000Z","ttl":5}' } } },
    ],
    ['the key ends in a backslash', { Keys: { PK: { S: '\\' }, SK: { S: '\\","eventID":"x' } } }],
    ['the key has every kind of character', { Keys: { PK: { S: 'ü\n\u2028😀\u0000' } } }],
    ['there is no TTL', { ttl: undefined, Keys: { ttl: { N: '5' } } }],
    ['the TTL is large', { ttl: 1e21 }],
    ['the TTL is small', { ttl: -1.5e-7 }],
    ['the eventID is no ordinary one', { eventID: 'é"\\\n' }],
    ['the shard is not known', { ShardId: '' }],
  ])('gives what the whole line says when %s', (_, more) => {
    const { ttl, ...rest } = { ...ENTRY, ...more };
    const entry = ttl === undefined ? rest : { ...rest, ttl };
    // In another order, too, as another writer may have it.
    const reversed = Object.entries(JSON.parse(lineOf(entry)))
      .filter(([name]) => name !== 'type')
      .toReversed();
    const others = Object.fromEntries(reversed);
    for (const line of [
      lineOf(entry),
      JSON.stringify({ type: 'item', ...others }),
      JSON.stringify({ ...others, type: 'item' }),
    ]) {
      const { fast, whole: expected } = members(line);
      expect(fast).toEqual(expected);
    }
  });

  it('gives what the whole line says for any key', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.record({ S: fc.string({ unit: 'binary' }) })), (Keys) => {
        const { fast, whole: expected } = members(lineOf({ ...ENTRY, Keys }));
        expect(fast).toEqual(expected);
      }),
    );
  });

  it.each([
    ['no item line', '{"type":"heartbeat"}'],
    ['no JSON', '{"type":"item","eventID":"a"'],
    ['an item of another hour', lineOf({ ...ENTRY, deletedAt: '2026-11-24T01:00:00.000Z' })],
    ['a line without an eventID', lineOf(ENTRY).replace('eventID', 'event')],
    ['a time that is none', lineOf(ENTRY).replace('T00:00:00.000Z', '')],
  ])('throws what the whole parser throws for %s', (_, line) => {
    expect(() => whole(line)).toThrow(/^The manifest/);
    const message = (() => {
      try {
        whole(line);
      } catch (error) {
        return String(error);
      }
      return '';
    })();
    expect(() => times(line)).toThrow(message.replace('TtlArchiveError: ', ''));
  });
});
