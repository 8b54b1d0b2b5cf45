import { describe, expect, it } from 'vitest';
import { TtlArchiveError } from '../../../src/errors.js';
import { FAULTS, type Fault } from '../../support/streams-server.js';
import { deletions, HOUR, idsOf, MINUTE, SECOND, streamFixture } from './stream-fixture.js';

const full = new TtlArchiveError('DISK', 'The disk is full.');

describe('StreamReader: stopping', () => {
  it('ends at once, with no further call, when all shards wait', async () => {
    const { clock, server, read } = await streamFixture({ shards: 3 });
    const { stop } = read();
    await clock.advance(MINUTE);
    const calls = server.calls.total;
    const stoppedAt = clock.now();
    expect(await stop()).toBe('stopped');
    expect(server.calls.total).toBe(calls);
    expect(clock.now()).toBe(stoppedAt);
    expect(clock.sleeping).toBe(0);
  });

  it('aborts the call in flight', async () => {
    const { clock, server, read } = await streamFixture({ callTimeout: 60_000 });
    const { end, stop } = read();
    await clock.advance(MINUTE);
    server.faults = () => FAULTS.stall;
    const advancing = clock.advance(10 * SECOND);
    while (server.calls.inFlight === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(await stop()).toBe('stopped');
    await advancing;
    await end;
  });

  it('delivers the page that is being written, and the one already received, before it ends', async () => {
    const { model, clock, ShardId, read, readOnce } = await streamFixture({ settings: { cutPage: () => 1 } });
    const put = model.put(ShardId, ...deletions(5));
    const { sink, stop } = read({ write: () => clock.sleep(SECOND) });
    await clock.advance(500);
    expect(sink.pages).toEqual([]);
    expect(await stop()).toBe('stopped');
    expect(sink.eventIDs()).toEqual(idsOf(put.slice(0, 2)));
    await readOnce({ sink });
    expect(sink.eventIDs()).toEqual(idsOf(put));
  });

  it('ends when it is stopped before the stream was listed', async () => {
    const { clock, read } = await streamFixture({ faults: () => FAULTS.internalError });
    const { stop } = read();
    await clock.advance(MINUTE);
    expect(await stop()).toBe('stopped');
  });

  it('ends with the error of a page that cannot be written, and delivers nothing after it', async () => {
    const { model, clock, shards, read } = await streamFixture({ shards: 4, settings: { cutPage: () => 1 } });
    for (const shard of shards) model.put(shard, ...deletions(5));
    let begun = 0;
    let failed = false;
    let tooLate = 0;
    const { sink, end } = read({
      once: true,
      write: async () => {
        if (failed) tooLate++;
        const isBroken = ++begun === 6;
        await clock.sleep(10);
        if (!isBroken) return;
        failed = true;
        throw full;
      },
    });
    await expect(clock.runUntil(end)).rejects.toBe(full);
    expect(tooLate).toBe(0);
    // Those that were being written at that moment may still be finished.
    expect(sink.pages.length).toBeLessThanOrEqual(6 + 3);
    const kept = sink.pages.length;
    await clock.advance(HOUR);
    expect(sink.pages).toHaveLength(kept);
    expect(clock.sleeping).toBe(0);
  });

  it.each([
    ['trimmed', FAULTS.trimmed],
    ['gone', FAULTS.notFound],
  ])('moves no checkpoint past a page that could not be written while its shard is %s', async (_, fault) => {
    const { model, clock, ShardId, server, read } = await streamFixture({ settings: { cutPage: () => 1 } });
    model.put(ShardId, ...deletions(5));
    const { sink, end } = read({
      write: async () => {
        server.faults = ({ operation }) => (operation === 'GetRecords' ? fault : undefined);
        await clock.sleep(SECOND);
        throw full;
      },
    });
    await expect(clock.runUntil(end)).rejects.toBe(full);
    expect(sink.lines).toEqual([]);
    expect(sink.checkpoints.get(ShardId)?.position).toBe('TRIM_HORIZON');
  });

  it('ends with the error when a gap cannot be recorded', async () => {
    const { model, clock, ShardId, readOnce, memorySink } = await streamFixture();
    const sink = memorySink();
    model.put(ShardId, ...deletions(1));
    await readOnce({ sink });
    await clock.advance(30 * HOUR);
    model.trimByAge(24 * HOUR);
    sink.commit = () => Promise.reject(full);
    await expect(readOnce({ sink })).rejects.toBe(full);
  });

  const stops: readonly [string, Fault, string][] = [
    ['the credentials are not accepted', FAULTS.expiredToken, 'CREDENTIALS'],
    ['access is denied', FAULTS.accessDenied, 'ACCESS_DENIED'],
    ['the call is not valid', { kind: 'error', type: 'ValidationException', message: 'No.' }, 'VALIDATION'],
  ];
  for (const operation of ['DescribeStream', 'GetShardIterator', 'GetRecords']) {
    it.each(stops)(`ends with an error when ${operation} says that %s`, async (_, fault, code) => {
      const { model, clock, ShardId, read } = await streamFixture({
        faults: (call) => (call.operation === operation ? fault : undefined),
      });
      model.put(ShardId, ...deletions(1));
      const { sink, end } = read();
      await expect(clock.runUntil(end)).rejects.toMatchObject({ code });
      expect(sink.pages).toEqual([]);
      expect(clock.sleeping).toBe(0);
    });
  }

  it('ends with an error when a later listing is rejected', async () => {
    const { clock, server, read } = await streamFixture();
    const { end } = read();
    await clock.advance(SECOND);
    server.faults = ({ operation }) => (operation === 'DescribeStream' ? FAULTS.accessDenied : undefined);
    await expect(clock.runUntil(end)).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
  });
});
