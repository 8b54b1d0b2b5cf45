import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/ports/index.js';
import { DueQueue } from '../../../src/stream/due-queue.js';
import { simulatedClock } from '../../support/simulated-clock.js';

function queueOn<C extends Clock>(clock: C) {
  const done: [string, number][] = [];
  const start = clock.now();
  const queue = new DueQueue<string>(clock);
  const takeDue = () => {
    for (let value = queue.take(); value !== undefined; value = queue.take()) done.push([value, clock.now() - start]);
    queue.arm(takeDue);
  };
  const add = (value: string, in_: number) => {
    queue.add(value, clock.now() + in_);
    queue.arm(takeDue);
  };
  return { clock, queue, add, done };
}

describe('DueQueue', () => {
  it('returns each value when it is due, with one timer for all', async () => {
    const { clock, add, done } = queueOn(simulatedClock());
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

  it('returns those due at the same moment in the order in which they were added', async () => {
    const { clock, add, done } = queueOn(simulatedClock());
    for (const value of 'dbca') add(value, 100);
    await clock.advance(100);
    expect(done.map(([value]) => value).join('')).toBe('dbca');
  });

  it('returns nothing before it is due', () => {
    const { clock, queue } = queueOn(simulatedClock());
    queue.add('a', clock.now() + 1);
    expect(queue.take()).toBeUndefined();
    expect(queue.length).toBe(1);
  });

  it('returns what was due long ago when the clock has jumped', async () => {
    const { clock, add, done } = queueOn(simulatedClock());
    add('a', 100);
    add('b', 3_000_000);
    await clock.advance(3_600_000);
    expect(done.map(([value]) => value)).toEqual(['a', 'b']);
  });

  it('returns values soon after their time when the clock was set back', async () => {
    const clock = simulatedClock();
    let back = 0;
    const { add, done, queue } = queueOn({ ...clock, now: () => clock.now() - back });
    add('a', 5000);
    add('b', 20_000);
    await clock.advance(1000);
    back = 3_600_000;
    add('c', 100);
    await clock.advance(99);
    expect(done).toEqual([]);
    await clock.advance(1);
    expect(done.map(([value]) => value)).toEqual(['c']);
    await clock.advance(5000);
    expect(done.map(([value]) => value)).toEqual(['c', 'a']);
    await clock.advance(20_000);
    expect(done.map(([value]) => value)).toEqual(['c', 'a', 'b']);
    expect(queue.length).toBe(0);
  });

  it('leaves no timer when it is disarmed', async () => {
    const { clock, queue, add, done } = queueOn(simulatedClock());
    add('a', 100);
    queue.disarm();
    expect(clock.sleeping).toBe(0);
    await clock.advance(200);
    expect(done).toEqual([]);
  });
});
