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
    const held = Array.from({ length: 4 }, () => load.hold(MB));
    expect(load.hasRoom()).toBe(false);
    load.release(held[0] ?? 0);
    expect(load.hasRoom()).toBe(true);
  });

  it('takes the first page of a shard to be a full one, and then to be like the first page of another shard', () => {
    const load = new Load(1000);
    expect(load.expect(undefined)).toBe(MB);
    load.learn(300);
    expect(load.expect(undefined)).toBe(300);
    expect(load.expect(7000)).toBe(7000);
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
