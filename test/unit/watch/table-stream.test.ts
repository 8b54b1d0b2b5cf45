import { describe, expect, it } from 'vitest';
import { TtlArchiveError } from '../../../src/errors.js';
import { emptyState, putCheckpoint } from '../../../src/journal/journal-state.js';
import { confirmStreamGone, promisedSince } from '../../../src/watch/table-stream.js';
import { inProcessStreams } from '../../support/in-process-streams.js';
import { StreamModel } from '../../support/streams-server.js';

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

describe('confirmStreamGone', () => {
  /** Responses of DescribeStream: the stream is found, or not. */
  async function answers(found: readonly boolean[], asked: string, enabled = true) {
    const model = new StreamModel();
    const { StreamArn } = model.createTable({ TableName: 'T' });
    if (!enabled) model.disableStream('T');
    const { streams, tables } = inProcessStreams(model);
    let call = 0;
    const trusting = confirmStreamGone(
      {
        ...streams,
        async describeStream(input) {
          if (found[call++]) return { StreamArn: input.StreamArn, StreamStatus: 'DISABLED', Shards: [] };
          throw new TtlArchiveError('STREAM_OR_SHARD_NOT_FOUND', 'No.');
        },
      },
      tables,
      'T',
    );
    const codes: string[] = [];
    for (const _ of found) {
      const answer = trusting.describeStream({ StreamArn: asked === 'own' ? StreamArn : asked });
      codes.push(
        await answer.then(
          () => 'found',
          (error: TtlArchiveError) => error.code,
        ),
      );
    }
    return codes;
  }
  const no = (count: number) => Array.from({ length: count }, () => false);
  const again = (count: number) => Array.from({ length: count }, () => 'SERVICE');

  it("retries every not-found answer about the table's own stream while it is switched on", async () => {
    expect(await answers(no(20), 'own')).toEqual(again(20));
  });

  it.each(['own', stream(13)])(
    'believes it of a stream that is switched off at the fifth time in a row: %s',
    async (asked) => {
      expect(await answers(no(6), asked, false)).toEqual([
        ...again(4),
        'STREAM_OR_SHARD_NOT_FOUND',
        'STREAM_OR_SHARD_NOT_FOUND',
      ]);
      expect(await answers([...no(4), true, ...no(4)], asked, false)).toEqual([...again(4), 'found', ...again(4)]);
    },
  );

  it('believes DynamoDB Local at once', async () => {
    expect(await answers(no(1), stream(13, 'ddblocal'))).toEqual(['STREAM_OR_SHARD_NOT_FOUND']);
  });
});
