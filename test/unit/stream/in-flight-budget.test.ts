import { describe, expect, it } from 'vitest';
import { InFlightBudget } from '../../../src/stream/in-flight-budget.js';

const MB = 1024 * 1024;
const SMALL = 100;

function budgetOf(concurrency: number) {
  const budget = new InFlightBudget(concurrency);
  const called: string[] = [];
  const share = (name: string) => budget.share(() => called.push(name));
  return { share, called };
}

describe('InFlightBudget', () => {
  it('gives one stream all of the room', () => {
    const { share } = budgetOf(4);
    const only = share('only');
    for (let pages = 0; pages < 4; pages++) {
      expect(only.hasRoom(SMALL)).toBe(true);
      only.startReading();
    }
    expect(only.hasRoom(SMALL)).toBe(false);
  });

  it('keeps room for a stream that has nothing in flight', () => {
    const { share } = budgetOf(8);
    const [busy, idle] = [share('busy'), share('idle')];
    while (busy.hasRoom(SMALL)) busy.startReading();
    expect(busy.pages).toBe(6);
    expect(idle.hasRoom(SMALL)).toBe(true);
  });

  it('lets a stream with nothing in flight request a small page when others hold all bytes', () => {
    const { share } = budgetOf(32);
    const [busy, idle] = [share('busy'), share('idle')];
    busy.startWriting(28 * MB);
    expect(idle.hasRoom(SMALL)).toBe(true);
    expect(idle.hasRoom(MB)).toBe(false);
    expect(busy.hasRoom(SMALL)).toBe(false);
  });

  it('calls the waiting stream with the fewest pages, and holds the others back until it has its page', () => {
    const { share, called } = budgetOf(8);
    const [busy, other, poor] = [share('busy'), share('other'), share('poor')];
    for (const each of [busy, busy, busy, other, other]) each.startReading();
    busy.waitForRoom(true);
    other.waitForRoom(true);
    poor.waitForRoom(true);
    other.endReading();
    expect(called.at(-1)).toBe('poor');
    expect(busy.hasRoom(SMALL)).toBe(false);
    expect(poor.hasRoom(SMALL)).toBe(true);
    poor.startReading();
    expect(called.at(-1)).toBe('other');
  });

  it('takes turns between streams with as many pages', () => {
    const { share } = budgetOf(1);
    const [a, b] = [share('a'), share('b')];
    const turns: string[] = [];
    for (const each of [a, b]) each.waitForRoom(true);
    for (let turn = 0; turn < 4; turn++) {
      const next = a.hasRoom(SMALL) ? a : b;
      expect(next === a ? b.hasRoom(SMALL) : next.hasRoom(SMALL)).toBe(next !== a);
      turns.push(next === a ? 'a' : 'b');
      next.startReading();
      next.waitForRoom(true);
      next.endReading();
    }
    expect(turns).toEqual(['a', 'b', 'a', 'b']);
  });

  it('lets no other stream take the room that a long response waits for', async () => {
    const { share } = budgetOf(32);
    const [busy, bursting] = [share('busy'), share('bursting')];
    busy.startWriting(14 * MB);
    busy.startWriting(14 * MB);
    bursting.startReading();
    let isAdmitted = false;
    const admitted = bursting.admit(17.5 * MB).then(() => {
      isAdmitted = true;
    });
    busy.endWriting(14 * MB);
    expect(busy.hasRoom(SMALL)).toBe(false);
    expect(isAdmitted).toBe(false);
    busy.endWriting(14 * MB);
    await admitted;
  });

  it('reads the response of the stream with fewer pages first', async () => {
    const { share } = budgetOf(32);
    const [busy, other] = [share('busy'), share('other')];
    busy.startWriting(28 * MB);
    busy.startReading();
    other.startReading();
    const order: string[] = [];
    const all = [
      busy.admit(21 * MB).then(() => order.push('busy')),
      other.admit(21 * MB).then(() => order.push('other')),
    ];
    busy.startReading();
    busy.endWriting(28 * MB);
    await all[1];
    other.release(21 * MB);
    await Promise.all(all);
    expect(order).toEqual(['other', 'busy']);
  });

  it('lets a response that is little longer than expected not wait, however full the memory is', async () => {
    const { share } = budgetOf(32);
    const only = share('only');
    only.startWriting(28 * MB);
    await only.admit(SMALL);
    let isAdmitted = false;
    const admitted = only.admit(MB).then(() => {
      isAdmitted = true;
    });
    await only.admit(SMALL);
    expect(isAdmitted).toBe(false);
    only.endWriting(28 * MB);
    await admitted;
  });

  it('goes on with the others when a stream that waits has left', () => {
    const { share, called } = budgetOf(1);
    const [a, b] = [share('a'), share('b')];
    a.startReading();
    b.waitForRoom(true);
    a.endReading();
    b.leave();
    expect(a.hasRoom(SMALL)).toBe(true);
    expect(called).toEqual(['b']);
  });
});
