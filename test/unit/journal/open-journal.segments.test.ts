import { describe, expect, it } from 'vitest';
import { segmentItems, segmentLines } from '../../../src/journal/segment-history.js';
import type { JournalPlace } from '../../../src/ports/index.js';
import { MemoryDisk } from '../../support/memory-disk.js';
import { simulatedClock } from '../../support/simulated-clock.js';
import { checkpoint, DIRECTORY, item, linesOf, open } from './journal-fixture.js';

const DAY = 86_400_000;
const uploaded = [{ file: 'a.json.gz', to: 's3://bucket/T', key: 'year=2026/b.json.gz', size: 70 }];

describe('Journal.commitFacts', () => {
  it('never moves a checkpoint back, even in one write with a later one', async () => {
    const disk = new MemoryDisk();
    const journal = await open(disk);
    await journal.commit([item(1), checkpoint('1')]);
    const segments = [{ file: 'a.json.gz', length: 70, closed: true as const }];
    await Promise.all([journal.commit([item(2), checkpoint('2')]), journal.commitFacts({ segments })]);
    expect((await linesOf(disk)).slice(2)).toEqual([{ ...checkpoint('1'), segments }, item(2), checkpoint('2')]);
    const again = await open(disk.kill());
    expect(again.state.checkpoints.get(checkpoint('2').stream)?.get('shard-1')?.position).toBe('2');
  });

  it('counts uploads, in the journal and in the snapshot', async () => {
    const disk = new MemoryDisk();
    const journal = await open(disk);
    await journal.commit([item(1), checkpoint('1')]);
    const { end } = journal;
    const uploadedUpTo = end ?? { file: '', offset: 0 };
    await journal.commitFacts({ uploaded, uploadedUpTo });
    await journal.commitFacts({ uploaded });
    const uploads = { segments: 2, bytes: 140, upTo: uploadedUpTo };
    expect(journal.state.uploads).toEqual(uploads);
    const killed = disk.kill();
    expect((await open(killed)).state.uploads).toEqual(uploads);
    await (await open(killed)).close();
    expect(killed.content(`${DIRECTORY}/checkpoints.json`)?.toString()).toContain('"uploads":');
    expect((await open(killed)).state.uploads).toEqual(uploads);
  });

  it('rejects a place in the journal that leads out of it', async () => {
    const journal = await open(new MemoryDisk());
    await journal.commit([item(1), checkpoint('1')]);
    const disk = new MemoryDisk();
    const forged = await open(disk);
    await forged.commit([item(1), { ...checkpoint('1'), uploaded, uploadedUpTo: { file: '../../secret', offset: 0 } }]);
    await expect(open(disk.kill())).rejects.toMatchObject({ code: 'JOURNAL' });
  });
});

describe('segmentItems and segmentLines', () => {
  it('find what a range of the journal says about segments, over days', async () => {
    const disk = new MemoryDisk();
    const clock = simulatedClock();
    const journal = await open(disk, clock);
    const places: JournalPlace[] = [];
    const commit = async (SequenceNumber: number, file: string): Promise<void> => {
      const segments = [{ file, length: 10 * SequenceNumber }];
      const line = item(SequenceNumber);
      if (line.type !== 'item') throw new Error('no item');
      await journal.commit([
        { ...line, file },
        { ...checkpoint(String(SequenceNumber)), segments },
      ]);
      places.push(journal.end ?? { file: '', offset: 0 });
    };
    for (const [index, file] of ['a', 'b', 'a', 'a', 'b', 'a'].entries()) {
      await commit(index + 1, file);
      if (index === 2) await clock.advance(DAY);
    }
    const numbers = async (file: string, from: JournalPlace | undefined, to: JournalPlace) => {
      const found: number[] = [];
      for await (const entry of segmentItems({ disk }, DIRECTORY, { file, from, to }))
        found.push(Number(entry.SequenceNumber));
      return found;
    };
    const [first, , , fourth, fifth, last] = places;
    if (first === undefined || fourth === undefined || fifth === undefined || last === undefined) throw new Error();
    expect(new Set(places.map(({ file }) => file)).size).toBe(2);
    expect(await numbers('a', undefined, last)).toEqual([1, 3, 4, 6]);
    expect(await numbers('a', first, fourth)).toEqual([3, 4]);
    expect(await numbers('b', fourth, last)).toEqual([5]);
    const lengths: number[] = [];
    for await (const { line, begin } of segmentLines({ disk }, DIRECTORY, { from: first, to: fifth })) {
      lengths.push(line.segments?.[0]?.length ?? 0);
      expect(await numbers(line.segments?.[0]?.file ?? '', begin, last)).toContain(Number(line.position));
    }
    expect(lengths).toEqual([20, 30, 40, 50]);
  });
});
