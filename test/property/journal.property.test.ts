import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyLine, emptyState } from '../../src/journal/journal-state.js';
import type { Journal, JournalLine } from '../../src/ports/index.js';
import { MemoryDisk } from '../support/memory-disk.js';
import { simulatedClock } from '../support/simulated-clock.js';
import { checkpoint, item, linesOf, open, plain, STREAM } from '../unit/journal/journal-fixture.js';

/** One commit, before it is numbered. */
const commit = fc.record({
  items: fc.integer({ min: 0, max: 3 }),
  shard: fc.constantFrom('a', 'b', 'c'),
  closing: fc.constantFrom('checkpoint', 'checkpoint', 'end', 'heartbeat', 'gap'),
  /** Whether the caller waits for it before its next call. */
  wait: fc.boolean(),
  /** Hours that pass before the call. */
  hours: fc.constantFrom(0, 0, 0, 5, -2),
});
type Commit = typeof commit extends fc.Arbitrary<infer T> ? T : never;

/** One run of the process: its commits, and when and how it dies. */
const life = fc.record({
  commits: fc.array(commit, { maxLength: 12 }),
  diesAfter: fc.integer({ min: 1, max: 40 }),
  powerCut: fc.boolean(),
  zeroSectors: fc.boolean(),
  close: fc.boolean(),
  failing: fc.option(fc.constantFrom('append', 'sync', 'truncate', 'write', 'openAppend'), { nil: undefined }),
});

function linesFor({ items, shard, closing }: Commit, n: number): JournalLine[] {
  const at = new Date(n).toISOString();
  const last: { [type: string]: JournalLine } = {
    checkpoint: checkpoint(`${n}`, { ShardId: shard, segments: [{ file: `segment-${shard}`, length: n }] }),
    heartbeat: { type: 'heartbeat', stream: STREAM, at, behind: [shard], getRecordsCalls: 1, dropped: ['a', 'b'] },
    end: checkpoint('SHARD_END', { ShardId: shard }),
    gap: { type: 'gap', stream: STREAM, ShardId: shard, to: at, reason: 'trimmed', at },
  };
  const body = Array.from({ length: items }, (_, index) => item(n * 10 + index, shard));
  return [...body, ...(last[closing] === undefined ? [] : [last[closing]])];
}

function sumOf(lines: readonly JournalLine[]): ReturnType<typeof plain> {
  const state = emptyState();
  for (const line of lines) applyLine(state, line);
  return plain({ state });
}

/** How many of the commits, from the first on, make up exactly these lines; undefined when no number does. */
function wholeCommitsIn(lines: readonly JournalLine[], commits: readonly JournalLine[][]): number | undefined {
  const lengths = [0];
  for (const each of commits) lengths.push((lengths.at(-1) ?? 0) + each.length);
  const count = lengths.indexOf(lines.length);
  return count >= 0 && isDeepStrictEqual(lines, commits.slice(0, count).flat()) ? count : undefined;
}

const randoms = fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }));

describe('openJournal', () => {
  it('keeps every acknowledged commit and no part of another, whenever and however the process dies', async () => {
    const property = fc.asyncProperty(
      fc.array(life, { minLength: 1, maxLength: 5 }),
      randoms,
      async (lives, stream) => {
        const random = (): number => stream.next().value ?? 0;
        let disk = new MemoryDisk();
        /** Commits that must stay, and those that a process found but that a power cut may remove. */
        let certain: JournalLine[][] = [];
        let seen: JournalLine[][] = [];
        let n = 1;
        let now = Date.UTC(2026, 10, 23, 20);
        for (const { commits, diesAfter, powerCut, zeroSectors, close, failing } of lives) {
          const acknowledged = new Set<JournalLine[]>();
          const clock = { ...simulatedClock(), now: () => now };
          disk.stopAfter(diesAfter, random);
          if (failing !== undefined) disk.failNext(failing, 'ENOSPC');
          try {
            const journal: Journal = await open(disk, clock);
            certain = certain.concat(seen);
            seen = [];
            const settled: Promise<void>[] = [];
            for (const each of commits) {
              now += each.hours * 3_600_000;
              const lines = linesFor(each, n++);
              seen.push(lines);
              const done = journal.commit(lines).then(
                () => void acknowledged.add(lines),
                () => undefined,
              );
              settled.push(done);
              if (each.wait) await done;
            }
            await Promise.all(settled);
            if (close) await journal.close();
          } catch {
            // The process died while it opened or closed the journal, or the disk was full.
          }
          disk = powerCut ? disk.crash({ random, zeroSectors }) : disk.kill();

          const found = await linesOf(disk);
          const sure = certain.flat();
          expect(found.slice(0, sure.length)).toEqual(sure);
          const count = wholeCommitsIn(found.slice(sure.length), seen);
          expect(count).toBeDefined();
          expect(seen.slice(count).some((lines) => acknowledged.has(lines))).toBe(false);
          expect(plain(await open(disk, clock, true))).toEqual(sumOf(found));
          certain = certain.concat(seen.filter((lines) => acknowledged.has(lines)));
          seen = seen.slice(0, count).filter((lines) => !acknowledged.has(lines));
        }
        const known = certain.concat(seen).flat();
        const last = await open(disk);
        expect(plain(last)).toEqual(sumOf(known));
        await last.commit([checkpoint('999999')]);
        await last.close();
        expect(await linesOf(disk)).toEqual([...known, checkpoint('999999')]);
      },
    );
    await fc.assert(property, { numRuns: 1000 });
  });
});
