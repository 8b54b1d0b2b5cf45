import { describe, expect, it } from 'vitest';
import { DueQueue } from '../../../src/stream/due-queue.js';
import { simulatedClock } from '../../support/simulated-clock.js';

function queueOn(clock = simulatedClock()) {
  const done: [string, number][] = [];
  const start = clock.now();
  const queue = new DueQueue<string>(clock, () => {
    for (let value = queue.take(); value !== undefined; value = queue.take()) done.push([value, clock.now() - start]);
    queue.arm();
  });
  const add = (value: string, in_: number) => {
    queue.add(value, clock.now() + in_);
    queue.arm();
  };
  return { clock, queue, add, done };
}

describe('DueQueue', () => {
  it('gives each when it is due, with one timer for all', async () => {
    const { clock, add, done } = queueOn();
    add('b', 200);
    add('c', 300);
    add('a', 100);
    expect(clock.sleeping).toBe(1);
    await clock.advance(250);
    expect(done).toEqual([
      ['a', 100],
      ['b', 200],
    ]);
    await clock.advance(50);
    expect(done.at(-1)).toEqual(['c', 300]);
    expect(clock.sleeping).toBe(0);
  });

  it('gives those due at the same moment in the order in which they were added', async () => {
    const { clock, add, done } = queueOn();
    for (const value of 'dbca') add(value, 100);
    await clock.advance(100);
    expect(done.map(([value]) => value).join('')).toBe('dbca');
  });

  it('gives nothing before it is due', () => {
    const { clock, queue } = queueOn();
    queue.add('a', clock.now() + 1);
    expect(queue.take()).toBeUndefined();
    expect(queue.length).toBe(1);
  });

  it('gives what fell due long ago when the clock has jumped', async () => {
    const { clock, add, done } = queueOn();
    add('a', 100);
    add('b', 3_000_000);
    await clock.advance(3_600_000);
    expect(done.map(([value]) => value)).toEqual(['a', 'b']);
  });

  it('leaves no timer behind when it is disarmed', async () => {
    const { clock, queue, add, done } = queueOn();
    add('a', 100);
    queue.disarm();
    expect(clock.sleeping).toBe(0);
    await clock.advance(200);
    expect(done).toEqual([]);
  });
});
