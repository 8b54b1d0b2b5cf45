import { getEventListeners } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type CallEnding, CallEndings } from '../../../src/aws/call-endings.js';

const never = () => new Promise<never>(() => undefined);
const listenersOf = (signal: AbortSignal) => getEventListeners(signal, 'abort').length;

afterEach(() => void vi.useRealTimers());

describe('CallEndings', () => {
  it('ends a call that never settles when its signal aborts, and leaves no listener', async () => {
    const stopping = new AbortController();
    const endings = new CallEndings(60_000);
    const calls = [1, 2].map(() => endings.run(stopping.signal, never).catch((error: unknown) => error));
    expect(listenersOf(stopping.signal)).toBe(1);
    stopping.abort(new Error('stopped'));
    expect(await Promise.all(calls)).toEqual([stopping.signal.reason, stopping.signal.reason]);
    expect(listenersOf(stopping.signal)).toBe(0);
  });

  it('ends a call that never settles after its time, and leaves no listener', async () => {
    vi.useFakeTimers();
    const { signal } = new AbortController();
    const failed = new CallEndings(30_000).run(signal, never).catch((error: unknown) => error);
    vi.advanceTimersByTime(29_999);
    expect(listenersOf(signal)).toBe(1);
    vi.advanceTimersByTime(1);
    expect(await failed).toMatchObject({ name: 'TimeoutError', message: 'no answer within 30000 ms' });
    expect(listenersOf(signal)).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('still follows the signal for one call when another one has ended', async () => {
    const stopping = new AbortController();
    const endings = new CallEndings(60_000);
    const failed = endings.run(stopping.signal, never).catch((error: unknown) => error);
    expect(await endings.run(stopping.signal, async () => 'done')).toBe('done');
    stopping.abort(new Error('stopped'));
    expect(await failed).toBe(stopping.signal.reason);
  });

  it('does not end a call that has settled, nor keep its timer', async () => {
    const stopping = new AbortController();
    vi.useFakeTimers();
    let ending: CallEnding | undefined;
    await new CallEndings(1000).run(stopping.signal, async (own) => void (ending = own));
    expect(vi.getTimerCount()).toBe(0);
    stopping.abort();
    expect(ending).toMatchObject({ aborted: false });
  });
});
