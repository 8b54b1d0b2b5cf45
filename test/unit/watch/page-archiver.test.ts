import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { emptyState } from '../../../src/journal/journal-state.js';
import type { Checkpoint, Journal, JournalLine } from '../../../src/ports/index.js';
import { openSegmentStore } from '../../../src/store/segment-store.js';
import { ignoredLog } from '../../../src/watch/ignored-log.js';
import { pageArchiver } from '../../../src/watch/page-archiver.js';
import { type PageContext, pageSink } from '../../../src/watch/page-sink.js';
import { Tally } from '../../../src/watch/tally.js';
import { changeRecord } from '../../support/change-record.js';
import { machineTime } from '../../support/machine-time.js';
import { MemoryDisk } from '../../support/memory-disk.js';
import { notedLog } from '../../support/noted-log.js';
import { simulatedClock } from '../../support/simulated-clock.js';

const OPTIONS = { stream: 'stream', deletions: 'ttl', ttlAttribute: 'ttl', format: 'item' } as const;
const FIRST = 10n ** 20n;

/** A journal whose commits become durable when the test says so. */
class SlowJournal implements Partial<Journal> {
  readonly state = emptyState();
  readonly end = undefined;
  /** The positions of the checkpoints in the order in which they were handed over. */
  readonly positions: string[] = [];
  readonly #waiting: { resolve: () => void; reject: (error: unknown) => void }[] = [];

  commit(lines: readonly JournalLine[]): Promise<void> {
    for (const line of lines) if (line.type === 'checkpoint') this.positions.push(line.position);
    return new Promise((resolve, reject) => void this.#waiting.push({ resolve, reject }));
  }

  checkpointLazily({ position }: Checkpoint): void {
    this.positions.push(position);
  }

  commitFacts(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Everything that was handed over is durable. */
  sync(): void {
    for (const { resolve } of this.#waiting.splice(0)) resolve();
  }

  fail(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

function context(journal: SlowJournal): PageContext {
  const clock = simulatedClock();
  const log = notedLog();
  const ignored = ignoredLog({ clock, log });
  const signal = new AbortController().signal;
  return { journal, tally: new Tally(), ignoredLog: ignored, log, awsTime: machineTime(clock), signal };
}

/** Page `number` of a shard, with one record: a deletion by TTL, or an INSERT. */
function page(number: number, eventName: 'REMOVE' | 'INSERT' = 'REMOVE') {
  const SequenceNumber = String(FIRST + BigInt(number));
  const at = '2026-11-23T12:00:00.000Z';
  return {
    ShardId: 'shard',
    records: [changeRecord({ eventID: `event-${number}`, eventName, dynamodb: { SequenceNumber } })],
    checkpoint: { stream: 'stream', ShardId: 'shard', position: SequenceNumber, at },
  };
}

const position = (number: number): string => page(number).checkpoint.position;

/** Lets everything happen that needs nothing more from the test. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 20; turns++) await setImmediate();
}

/** True when the promise has been fulfilled by now. */
async function isFulfilled(promise: Promise<void>): Promise<boolean> {
  let fulfilled = false;
  void promise.then(() => {
    fulfilled = true;
  });
  await settle();
  return fulfilled;
}

async function segmentArchiver(journal: SlowJournal) {
  const disk = new MemoryDisk();
  const settings = { directory: '/archive', format: 'item', compress: 'gzip', segmentSize: 1e6 } as const;
  const store = await openSegmentStore({ disk, clock: simulatedClock() }, settings);
  const sink = pageArchiver({ ...context(journal), store, uploader: undefined }, OPTIONS);
  const { signal } = new AbortController();
  return { archive: (given: ReturnType<typeof page>, turn: Promise<void>) => sink.archive(given, turn, signal) };
}

describe('pageArchiver', () => {
  it('lets a page follow when the one before is handed to the journal, and not only when that is durable', async () => {
    const journal = new SlowJournal();
    const { archive } = await segmentArchiver(journal);
    const first = archive(page(1), Promise.resolve());
    const second = archive(page(2), first.next);
    await settle();
    expect(journal.positions).toEqual([position(1), position(2)]);
    expect([await isFulfilled(first.done), await isFulfilled(second.done)]).toEqual([false, false]);
    journal.sync();
    await Promise.all([first.done, second.done]);
  });

  it('keeps the order of pages, also of those that archive nothing', async () => {
    const journal = new SlowJournal();
    const { archive } = await segmentArchiver(journal);
    const first = archive(page(1), Promise.resolve());
    const second = archive(page(2, 'INSERT'), first.next);
    const third = archive(page(3), second.next);
    await settle();
    journal.sync();
    await Promise.all([first.done, second.done, third.done]);
    expect(journal.positions).toEqual([1, 2, 3].map(position));
  });

  it('hands over nothing of a page before its turn, or when its turn never comes', async () => {
    const journal = new SlowJournal();
    const { archive } = await segmentArchiver(journal);
    const late = archive(page(2), Promise.reject(new Error('the page before failed')));
    const empty = archive(page(3, 'INSERT'), late.next);
    await expect(late.done).rejects.toThrow('the page before failed');
    await expect(late.next).rejects.toThrow('the page before failed');
    await expect(empty.done).rejects.toThrow('the page before failed');
    expect(journal.positions).toEqual([]);
  });

  it('fails as its commit does', async () => {
    const journal = new SlowJournal();
    const { archive } = await segmentArchiver(journal);
    const first = archive(page(1), Promise.resolve());
    await settle();
    journal.fail(new Error('disk full'));
    await expect(first.done).rejects.toThrow('disk full');
  });
});

describe('pageSink', () => {
  it('keeps the turn until a page is kept unless the keeper passes it on', async () => {
    const journal = new SlowJournal();
    const { signal } = new AbortController();
    const sink = pageSink(context(journal), OPTIONS, {
      make: ({ eventID }) => eventID,
      keep: ({ commit }) => commit([]),
    });
    const { done, next } = sink.archive(page(1), Promise.resolve(), signal);
    expect(await isFulfilled(next)).toBe(false);
    journal.sync();
    await done;
    expect(await isFulfilled(next)).toBe(true);
  });
});
