import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TtlArchiveError } from '../../src/errors.js';
import {
  copyOf,
  ENDINGS,
  LAYOUTS,
  type MadeArchive,
  MUTATIONS,
  type Mutation,
  makeArchive,
  mutate,
  verifyAll,
  watchOnce,
} from '../support/agreement.js';

const seed = Math.floor(Math.random() * 2 ** 31);
const archives = await Promise.all(
  LAYOUTS.flatMap((settings) => ENDINGS.map((ending) => makeArchive(settings, ending))),
);

/** Errors about the folder itself; another table or layout in archive.json is a difference in settings. */
const DAMAGE = new Set(['JOURNAL', 'DISK']);

describe('verify and watch', () => {
  it.each(archives.map((made, index) => [index, made] as const))(
    'agree on archive %i as it was left',
    async (_index, made) => {
      const kinds = (await verifyAll(made.disk)).map((finding) => JSON.parse(finding).kind);
      // The next run adopts what a killed watch wrote and did not commit.
      expect(new Set(kinds)).toEqual(new Set(made.ending === 'killed' && kinds.length > 0 ? ['unlisted'] : []));
      const disk = copyOf(made.disk);
      expect(await watchOnce({ ...made, disk })).toBeUndefined();
      expect(await verifyAll(disk)).toEqual([]);
    },
  );

  it(`agree: verify reports what watch rejects, and watch continues what verify passes (seed ${seed})`, async () => {
    const mutation = fc.record({ how: fc.constantFrom(...MUTATIONS), seed: fc.nat(2 ** 30) });
    const seen = { refused: 0, passed: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...archives),
        fc.array(mutation, { minLength: 1, maxLength: 3 }),
        async (made, mutations) => {
          expect(await disagreement(made, mutations, seen)).toBe('');
        },
      ),
      { seed, numRuns: 1500 },
    );
    // A test of an agreement must see both results.
    expect(seen.refused).toBeGreaterThan(100);
    expect(seen.passed).toBeGreaterThan(50);
  });
});

/** What the two do not agree on after these mutations; '' when they do. */
async function disagreement(
  made: MadeArchive,
  mutations: readonly Mutation[],
  seen: { refused: number; passed: number },
): Promise<string> {
  const disk = copyOf(made.disk);
  const done = mutations.map((one) => mutate(disk, one)).join(', ');
  const found = await verifyAll(disk);
  const error = await watchOnce({ ...made, disk });
  const code = error instanceof TtlArchiveError ? error.code : '';
  const said = error instanceof Error ? error.message : 'something else was thrown';
  if (error !== undefined && (code === '' || code === 'INTERNAL')) return `watch failed after ${done}: ${said}`;
  if (DAMAGE.has(code)) {
    seen.refused++;
    if (found.length === 0) return `watch refused ${done}: ${said}`;
  }
  if (found.length > 0 || code === 'TABLE') return '';
  seen.passed++;
  if (error !== undefined) return `verify passed ${done}, and watch refused it: ${said}`;
  const after = await verifyAll(disk);
  return after.length === 0 ? '' : `after watch went on with ${done}: ${after.join()}`;
}
