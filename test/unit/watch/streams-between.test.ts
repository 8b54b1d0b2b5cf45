import { describe, expect, it } from 'vitest';
import { TtlArchiveError } from '../../../src/errors.js';
import type { StreamsClient, StreamsPage } from '../../../src/ports/index.js';
import { ENDLESS, Retrier } from '../../../src/stream/retry.js';
import { streamsBetween } from '../../../src/watch/streams-between.js';
import { inProcessStreams } from '../../support/in-process-streams.js';
import { machineTime } from '../../support/machine-time.js';
import { MemoryDisk } from '../../support/memory-disk.js';
import { notedLog } from '../../support/noted-log.js';
import { simulatedClock } from '../../support/simulated-clock.js';
import { StreamModel } from '../../support/streams-server.js';

const TABLE = 'arn:aws:dynamodb:us-east-1:000000000000:table/T';
const stream = (hour: number, table = TABLE) => `${table}/stream/2026-11-23T${hour}:00:00.000`;
const { signal } = new AbortController();

/** Calls a server that gives these responses in turn, the last one repeatedly. */
async function between(answers: readonly (string[] | StreamsPage | TtlArchiveError)[], known: readonly string[]) {
  const clock = simulatedClock();
  const log = notedLog();
  const asked: object[] = [];
  const streams: StreamsClient = {
    ...inProcessStreams(new StreamModel()).streams,
    async listStreams(input) {
      const answer = answers[Math.min(asked.push(input), answers.length) - 1] ?? [];
      if (answer instanceof TtlArchiveError) throw answer;
      return Array.isArray(answer) ? { Streams: answer.map((StreamArn) => ({ StreamArn })) } : answer;
    },
  };
  const retrier = new Retrier({ clock, log, random: () => 0.5 }, ENDLESS);
  const { tables } = inProcessStreams(new StreamModel());
  const awsTime = machineTime(clock);
  const tools = { streams, tables, retrier, log, signal, clock, awsTime, random: () => 0.5, disk: new MemoryDisk() };
  const search = streamsBetween(tools, { known: new Set(known), latest: stream(20) });
  return { found: await clock.runUntil(search), asked, warnings: log.lines.filter(({ level }) => level === 'warn') };
}

describe('streamsBetween', () => {
  it('returns the streams created after the first known one and before the latest one', async () => {
    const listed = [11, 12, 13, 14, 20, 21].map((hour) => stream(hour));
    const { found, asked } = await between([listed], [stream(14), stream(12)]);
    expect(found).toEqual([stream(13)]);
    expect(asked).toEqual([{ TableName: 'T' }]);
  });

  it('ignores the streams of other tables, regions and accounts when the server lists them', async () => {
    const others = ['TT', 'U'].map((name) => TABLE.replace(/T$/, name));
    const elsewhere = [TABLE.replace('us-east-1', 'eu-west-1'), TABLE.replace('000000000000', '000000000001')];
    const { found } = await between([[...others, ...elsewhere].map((table) => stream(13, table))], [stream(12)]);
    expect(found).toEqual([]);
  });

  it.each([
    { known: [], when: 'nothing is known yet' },
    { known: [stream(12), stream(20)], when: 'the latest one is known' },
    { known: [stream(12, TABLE.replace('us-east-1', 'ddblocal'))], when: "another region's are known" },
  ])('does not list the streams when $when', async ({ known }) => {
    expect(await between([[stream(13)]], known)).toMatchObject({ found: [], asked: [] });
  });

  it('requests every page', async () => {
    const page = (hour: number) => ({ Streams: [{ StreamArn: stream(hour) }], LastEvaluatedStreamArn: stream(hour) });
    const empty = { Streams: [], LastEvaluatedStreamArn: stream(14) };
    const { found, asked } = await between([page(13), empty, [stream(15)]], [stream(12)]);
    expect(found).toEqual([stream(13), stream(15)]);
    expect(asked).toEqual([
      { TableName: 'T' },
      { TableName: 'T', ExclusiveStartStreamArn: stream(13) },
      { TableName: 'T', ExclusiveStartStreamArn: stream(14) },
    ]);
  });

  it.each([stream(13), stream(14)])('ends when the pages form a circle after %s', async (last) => {
    const page = { Streams: [{ StreamArn: stream(13) }], LastEvaluatedStreamArn: last };
    expect((await between([page], [stream(12)])).found).toEqual([stream(13)]);
    const empty = { Streams: [], LastEvaluatedStreamArn: last };
    expect((await between([empty], [stream(12)])).found).toEqual([]);
  });

  it.each(['ACCESS_DENIED', 'VALIDATION', 'STREAM_OR_SHARD_NOT_FOUND'] as const)(
    'warns of what may be missed, and of the permission, on %s',
    async (code) => {
      const { found, warnings } = await between([new TtlArchiveError(code, 'No.')], [stream(12)]);
      expect(found).toEqual([]);
      expect(warnings).toEqual([
        {
          level: 'warn',
          event: 'streams.not-listed',
          message: expect.stringMatching(/may be missing.*dynamodb:ListStreams/),
          facts: { TableName: 'T', reason: 'No.' },
        },
      ]);
    },
  );

  it('retries when the call is throttled', async () => {
    const throttled = new TtlArchiveError('THROTTLED', 'Later.');
    expect((await between([throttled, throttled, [stream(13)]], [stream(12)])).found).toEqual([stream(13)]);
  });

  it('rejects with an error that retrying cannot help', async () => {
    const refused = between([new TtlArchiveError('CREDENTIALS', 'No.')], [stream(12)]);
    await expect(refused).rejects.toMatchObject({ code: 'CREDENTIALS' });
  });
});
