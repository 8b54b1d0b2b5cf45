import { describe, expect, it } from 'vitest';
import { copyOf, LAYOUTS, makeArchive, verifyAll } from '../../support/agreement.js';
import { Crash } from '../../support/memory-disk.js';
import { seededRandom } from '../../support/streams-server.js';
import { BETWEEN, filesSince, itemFiles, itemLines, journalLines, pruneDisk } from './prune-fixture.js';

describe('prune that dies', () => {
  it.each(LAYOUTS)(
    'leaves an archive of $layout ($compress) that verifies, at any write, and the next prune removes the rest',
    async (settings) => {
      const { disk: made } = await makeArchive(settings, 'stopped');
      const kept = filesSince(made, BETWEEN);
      let hasEnded = false;
      for (let step = 1; !hasEnded; step++) {
        expect(step).toBeLessThan(100);
        for (const how of ['killed', 'power cut']) {
          const disk = copyOf(made);
          disk.stopAfter(step, seededRandom(step));
          hasEnded = await isEnded(pruneDisk(disk, BETWEEN));
          const left = how === 'killed' ? disk.kill() : disk.crash({ random: seededRandom(step), zeroSectors: true });
          const first = {
            findings: await verifyAll(left),
            missing: kept.filter((file) => !itemFiles(left).includes(file)),
          };
          await pruneDisk(left, BETWEEN);
          const second = { findings: await verifyAll(left), files: itemFiles(left), items: itemLines(left).length };
          const prunes = journalLines(left).flatMap(({ pruned }) => (pruned === undefined ? [] : [pruned]));
          expect({ first, second, prunes }, `${how} at step ${step}`).toEqual({
            first: { findings: [], missing: [] },
            second: { findings: [], files: kept, items: 12 },
            prunes: [{ before: BETWEEN, items: 6, bytes: expect.any(Number) }],
          });
        }
      }
    },
  );
});

async function isEnded(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (error instanceof Crash) return false;
    throw error;
  }
}
