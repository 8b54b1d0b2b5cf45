import { describe, expect, it } from 'vitest';
import { MemoryDisk } from '../../support/memory-disk.js';
import { simulatedClock } from '../../support/simulated-clock.js';
import { checkpoint, item, linesOf, open } from './journal-fixture.js';

const { type: _, ...noted } = checkpoint('7');

describe('Journal.note', () => {
  it('is written by itself a second later, once, as the last note of the shard', async () => {
    const disk = new MemoryDisk();
    const clock = simulatedClock();
    const journal = await open(disk, clock);
    journal.note({ ...noted, position: '6' });
    await clock.advance(500);
    journal.note(noted);
    await clock.advance(499);
    expect(await linesOf(disk)).toEqual([]);
    await clock.advance(1);
    expect(await linesOf(disk)).toEqual([checkpoint('7')]);
    await clock.advance(5000);
    expect(await linesOf(disk)).toHaveLength(1);
    journal.note({ ...noted, position: '8' });
    await clock.advance(1000);
    expect(await linesOf(disk)).toHaveLength(2);
  });

  it('travels with the next commit', async () => {
    const disk = new MemoryDisk();
    const clock = simulatedClock();
    const journal = await open(disk, clock);
    journal.note(noted);
    await journal.commit([item(1, 'other'), checkpoint('1', { ShardId: 'other' })]);
    expect(await linesOf(disk)).toHaveLength(3);
    expect(journal.state.checkpoints.get(noted.stream)?.get('shard-1')).toEqual(noted);
    await clock.advance(5000);
    expect(await linesOf(disk)).toHaveLength(3);
  });

  it('is dropped when a commit of its shard follows, and stands when it came before', async () => {
    const disk = new MemoryDisk();
    const journal = await open(disk);
    journal.note(noted);
    const commit = journal.commit([item(8), checkpoint('8')]);
    journal.note({ ...noted, position: '9' });
    await commit;
    await journal.close();
    expect(await linesOf(disk)).toEqual([item(8), checkpoint('8'), checkpoint('9')]);
  });

  it('leaves no sleeper behind after close', async () => {
    const clock = simulatedClock();
    const journal = await open(new MemoryDisk(), clock);
    journal.note(noted);
    await journal.close();
    expect(clock.sleeping).toBe(0);
  });

  it('throws the error of the disk when the note before could not be written', async () => {
    const disk = new MemoryDisk();
    const clock = simulatedClock();
    const journal = await open(disk, clock);
    journal.note(noted);
    disk.failWhen(() => 'ENOSPC');
    await clock.advance(1000);
    expect(() => journal.note(noted)).toThrow('the disk is full');
    await expect(journal.close()).rejects.toMatchObject({ code: 'DISK' });
  });
});
