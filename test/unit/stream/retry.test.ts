import { describe, expect, it } from 'vitest';
import { TtlArchiveError } from '../../../src/errors.js';
import { backoff, ENDLESS, ONCE, Retrier, type RetryPolicy } from '../../../src/stream/retry.js';
import { notedLog } from '../../support/noted-log.js';
import { simulatedClock } from '../../support/simulated-clock.js';

const network = new TtlArchiveError('NETWORK', 'Cannot reach it.', { remedy: 'Try later.' });
const { signal } = new AbortController();

function retrier(policy: RetryPolicy) {
  const clock = simulatedClock();
  const log = notedLog();
  return { clock, entries: log.lines, retrier: new Retrier({ clock, log, random: () => 0.999 }, policy) };
}

describe('backoff', () => {
  it('doubles with every failure up to 30 s, with full jitter', () => {
    const longest = Array.from({ length: 12 }, (_, index) => backoff(index + 1, () => 1));
    expect(longest.slice(0, 4)).toEqual([200, 400, 800, 1600]);
    expect(Math.max(...longest)).toBe(30_000);
    expect(backoff(10_000, () => 1)).toBe(30_000);
    expect(backoff(10_000, () => 0)).toBe(0);
    expect(backoff(3, () => 0.5)).toBe(400);
  });
});

describe('Retrier', () => {
  it('retries without end until the call succeeds', async () => {
    const { clock, retrier: retries } = retrier(ENDLESS);
    let calls = 0;
    const call = async () => {
      if (++calls < 200) throw network;
      return 'done';
    };
    expect(await clock.runUntil(retries.attempt('DescribeStream', call, signal))).toBe('done');
    expect(calls).toBe(200);
  });

  it('does not retry when that cannot help', async () => {
    const { retrier: retries } = retrier(ENDLESS);
    for (const code of ['ACCESS_DENIED', 'CREDENTIALS', 'VALIDATION', 'STREAM_OR_SHARD_NOT_FOUND'] as const) {
      let calls = 0;
      const call = async () => {
        calls++;
        throw new TtlArchiveError(code, 'No.');
      };
      await expect(retries.attempt('DescribeStream', call, signal)).rejects.toMatchObject({ code });
      expect(calls).toBe(1);
    }
  });

  it('rejects with the reason when the signal aborts during a wait', async () => {
    const { clock, retrier: retries } = retrier(ENDLESS);
    const stopping = new AbortController();
    const attempt = retries.attempt('DescribeStream', () => Promise.reject(network), stopping.signal);
    attempt.catch(() => undefined);
    await clock.advance(10_000);
    stopping.abort(new Error('stopped'));
    await expect(attempt).rejects.toThrow('stopped');
  });

  it('throws UNREACHABLE after four failures without any response, with ONCE', () => {
    const { retrier: retries } = retrier(ONCE);
    for (let failures = 1; failures <= 3; failures++) retries.fail('DescribeStream', network);
    expect(() => retries.fail('DescribeStream', network)).toThrow(
      expect.objectContaining({ code: 'UNREACHABLE', remedy: 'Try later.', cause: network }),
    );
  });

  it.each(['THROTTLED', 'SERVICE', 'BAD_RESPONSE', 'EXPIRED_ITERATOR'] as const)(
    'retries for a minute when one of the failures is a response: %s',
    async (code) => {
      const { clock, retrier: retries } = retrier(ONCE);
      retries.fail('GetRecords', new TtlArchiveError(code, 'No.'));
      for (let second = 0; second < 59; second++) {
        await clock.advance(1000);
        retries.fail('GetRecords', network);
      }
      await clock.advance(1000);
      expect(() => retries.fail('GetRecords', network)).toThrow(expect.objectContaining({ code: 'UNREACHABLE' }));
    },
  );

  it.each([
    { answer: 'a result', call: async () => undefined },
    { answer: 'an error', call: () => Promise.reject(new TtlArchiveError('TABLE_NOT_FOUND', 'No.')) },
  ])('retries for a minute when another call of the attempt got $answer', async ({ call }) => {
    const { clock, retrier: retries } = retrier(ONCE);
    const begun = clock.now();
    await retries.recordResponse(call()).catch(() => undefined);
    const attempt = retries.attempt('DescribeTable', () => retries.recordResponse(Promise.reject(network)), signal);
    await expect(clock.runUntil(attempt)).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect(clock.now() - begun).toBeGreaterThanOrEqual(60_000);
  });

  it('throws UNREACHABLE after a minute without success, not before, once there was one', async () => {
    const { clock, retrier: retries } = retrier(ONCE);
    retries.succeed();
    for (let second = 0; second < 59; second++) {
      retries.fail('GetRecords', network);
      await clock.advance(1000);
    }
    retries.succeed();
    for (let second = 0; second < 60; second++) {
      retries.fail('GetRecords', network);
      await clock.advance(1000);
    }
    expect(() => retries.fail('GetRecords', network)).toThrow(expect.objectContaining({ code: 'UNREACHABLE' }));
  });

  it('never throws with ENDLESS', async () => {
    const { clock, retrier: retries } = retrier(ENDLESS);
    for (let hour = 0; hour < 1000; hour++) {
      expect(() => retries.fail('GetRecords', network)).not.toThrow();
      await clock.advance(3_600_000);
    }
  });

  it('logs a repeated failure once in half a minute, with its count', async () => {
    const { clock, entries, retrier: retries } = retrier(ENDLESS);
    for (let second = 0; second <= 60; second++) {
      retries.fail('GetRecords', network);
      retries.fail('GetRecords', network);
      await clock.advance(1000);
    }
    expect(entries.map(({ facts }) => facts['failures'])).toEqual([1, 60, 60]);
    retries.fail('DescribeStream', network);
    expect(entries).toHaveLength(4);
    retries.succeed();
    expect(entries.at(-1)).toMatchObject({ level: 'info', event: 'calls.recovered', facts: { failures: 123 } });
  });
});
