import { describe, expect, it } from 'vitest';
import { Load } from '../../../src/stream/load.js';

const MB = 1024 * 1024;

describe('Load', () => {
  it('has room while fewer shards are read and pages written than the concurrency', () => {
    const load = new Load(2);
    expect(load.hasRoom()).toBe(true);
    load.reading++;
    expect(load.hasRoom()).toBe(true);
    load.writing++;
    expect(load.hasRoom()).toBe(false);
    load.reading--;
    expect(load.hasRoom()).toBe(true);
  });

  it('has no room for a fifth full page, whatever the concurrency, until one is released', () => {
    const load = new Load(1000);
    for (let page = 0; page < 4; page++) load.hold(MB);
    expect(load.hasRoom()).toBe(false);
    load.release(MB);
    expect(load.hasRoom()).toBe(true);
  });

  it('takes the first page of a shard to be a full one, and then to be like the first page of another shard', () => {
    const load = new Load(1000);
    expect(load.expect(undefined)).toBe(MB);
    load.learn(300);
    expect(load.expect(undefined)).toBe(300);
    expect(load.expect(7000)).toBe(7000);
  });

  it('lets unexpected bytes in one after the other when there is no room, and one always', async () => {
    const load = new Load(1000);
    const expected = load.expect(4 * MB);
    expect(load.admit(MB)).toBeUndefined();
    const order: number[] = [];
    const waiting = [1, 2].map((number) => load.admit(MB)?.then(() => order.push(number)));
    await Promise.resolve();
    expect(order).toEqual([]);
    load.release(MB);
    await waiting[0];
    expect(order).toEqual([1]);
    load.unexpect(expected);
    await waiting[1];
    expect(order).toEqual([1, 2]);
    expect(load.admit(0)).toBeUndefined();
  });

  it('is idle when nothing is read or written', () => {
    const load = new Load(1);
    expect(load.isIdle()).toBe(true);
    load.reading++;
    expect(load.isIdle()).toBe(false);
    load.reading--;
    load.writing++;
    expect(load.isIdle()).toBe(false);
  });
});
