import { describe, expect, it } from 'vitest';
import { emptyState, putCheckpoint } from '../../../src/journal/journal-state.js';
import { promisedSince } from '../../../src/watch/table-stream.js';

const stream = (hour: number, region = 'us-east-1') =>
  `arn:aws:dynamodb:${region}:000000000000:table/T/stream/2026-11-23T${hour}:00:00.000`;

describe('promisedSince', () => {
  it.each([
    { known: [12], asked: stream(13), since: Date.UTC(2026, 10, 23, 13), when: 'an older stream is known' },
    { known: [], asked: stream(13), since: undefined, when: 'no stream is known' },
    { known: [13, 14], asked: stream(13), since: undefined, when: 'no older stream is known' },
    { known: [12], asked: stream(13, 'us-west-2'), since: undefined, when: "another region's stream is known" },
    { known: [12], asked: `${stream(13)}x`, since: undefined, when: 'the ARN has no time in it' },
  ])('gives $since when $when', ({ known, asked, since }) => {
    const state = emptyState();
    for (const hour of known) {
      putCheckpoint(state, {
        stream: stream(hour),
        ShardId: 's',
        position: 'SHARD_END',
        at: '2026-11-23T12:00:00.000Z',
      });
    }
    expect(promisedSince(state, asked)).toBe(since);
  });
});
