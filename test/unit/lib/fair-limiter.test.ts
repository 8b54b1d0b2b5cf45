import { describe, expect, it } from 'vitest';
import { createFairLimiter } from '../../../src/lib/limiter.js';

/** Tasks that end when the test says so; `started` has their names in the order of their starts. */
function tasks() {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const task = (name: string) => () =>
    new Promise<string>((resolve) => {
      started.push(name);
      ends.set(name, () => resolve(name));
    });
  const end = async (name: string) => {
    ends.get(name)?.();
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  };
  return { started, task, end };
}

describe('createFairLimiter', () => {
  it('runs at most as many tasks as the limit, over all users', async () => {
    const { started, task, end } = tasks();
    const share = createFairLimiter(2);
    const [a, b] = [share(), share()];
    const results = [a(task('a1')), b(task('b1')), a(task('a2'))];
    expect(started).toEqual(['a1', 'b1']);
    await end('b1');
    expect(started).toEqual(['a1', 'b1', 'a2']);
    await end('a1');
    await end('a2');
    expect(await Promise.all(results)).toEqual(['a1', 'b1', 'a2']);
  });

  it('starts the task of the user with the fewest ones running before those that came earlier', async () => {
    const { started, task, end } = tasks();
    const share = createFairLimiter(3);
    const [busy, other] = [share(), share()];
    for (const name of ['1', '2', '3', '4', '5']) void busy(task(name));
    void other(task('fresh'));
    await end('1');
    expect(started.at(-1)).toBe('fresh');
    await end('2');
    await end('3');
    expect(started.slice(-2)).toEqual(['4', '5']);
  });

  it('takes turns between users, and goes on after a task that fails', async () => {
    const { started, task, end } = tasks();
    const share = createFairLimiter(1);
    const [a, b] = [share(), share()];
    const failing = a(() => Promise.reject(new Error('failed')));
    for (const name of ['a1', 'a2']) void a(task(name));
    for (const name of ['b1', 'b2']) void b(task(name));
    await expect(failing).rejects.toThrow('failed');
    for (const name of ['a1', 'b1', 'a2', 'b2']) await end(name);
    expect(started).toEqual(['a1', 'b1', 'a2', 'b2']);
  });
});
