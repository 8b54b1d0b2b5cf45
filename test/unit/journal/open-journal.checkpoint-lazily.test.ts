import { describe, expect, it } from 'vitest';
import { MemoryDisk } from '../../support/memory-disk.js';
import { simulatedClock } from '../../support/simulated-clock.js';
import { checkpoint, item, linesOf, open } from './journal-fixture.js';

const { type: _, ...lazy } = checkpoint('7');

describe('Journal.checkpointLazily', () => {
  it('writes the last checkpoint of a shard, once, a second later when no commit comes', async () => {
    const disk = new MemoryDisk();
    const clock = simulatedClock();
    const journal = await open(disk, clock);
    journal.checkpointLazily({ ...lazy, position: '6' });
    await clock.advance(500);
    journal.checkpointLazily(lazy);
    await clock.advance(499);
    expect(await linesOf(disk)).toEqual([]);
    await clock.advance(1);
    expect(await linesOf(disk)).toEqual([checkpoint('7')]);
    await clock.advance(5000);
    expect(await linesOf(disk)).toHaveLength(1);
    journal.checkpointLazily({ ...lazy, position: '8' });
    await clock.advance(1000);
    expect(await linesOf(disk)).toHaveLength(2);
  });

  it('writes the checkpoint with the next commit', async () => {
    const disk = new MemoryDisk();
    const clock = simulatedClock();
    const journal = await open(disk, clock);
    journal.checkpointLazily(lazy);
    await journal.commit([item(1, 'other'), checkpoint('1', { ShardId: 'other' })]);
    expect(await linesOf(disk)).toHaveLength(3);
    expect(journal.state.checkpoints.get(lazy.stream)?.get('shard-1')).toEqual(lazy);
    await clock.advance(5000);
    expect(await linesOf(disk)).toHaveLength(3);
  });

  it('drops the checkpoint when a commit of its shard follows, and keeps it when the commit came first', async () => {
    const disk = new MemoryDisk();
    const journal = await open(disk);
    journal.checkpointLazily(lazy);
    const commit = journal.commit([item(8), checkpoint('8')]);
    journal.checkpointLazily({ ...lazy, position: '9' });
    await commit;
    await journal.close();
    expect(await linesOf(disk)).toEqual([item(8), checkpoint('8'), checkpoint('9')]);
  });

  it('leaves no timer after close', async () => {
    const clock = simulatedClock();
    const journal = await open(new MemoryDisk(), clock);
    journal.checkpointLazily(lazy);
    await journal.close();
    expect(clock.sleeping).toBe(0);
  });

  it('throws the disk error when the previous checkpoint could not be written', async () => {
    const disk = new MemoryDisk();
    const clock = simulatedClock();
    const journal = await open(disk, clock);
    journal.checkpointLazily(lazy);
    disk.failWhen(() => 'ENOSPC');
    await clock.advance(1000);
    expect(() => journal.checkpointLazily(lazy)).toThrow('the disk is full');
    await expect(journal.close()).rejects.toMatchObject({ code: 'DISK' });
  });
});
