import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Topology, topologies } from '../support/topology.js';
import { runTopology } from '../support/topology-run.js';

/** The soak sets it to more. */
const RUNS = Number(process.env['TTL_ARCHIVE_TOPOLOGIES'] ?? 200);
/** Topologies that once broke the promise. */
const FOUND = ['child-of-an-open-shard', 'child-that-nobody-listed'].map((name): [Topology] => [
  JSON.parse(readFileSync(new URL(`found/${name}.json`, import.meta.url), 'utf8')),
]);
/** `npm test` gives the same verdict for the same code; the soak, which sets the count, searches on with new seeds. */
const SEED = process.env['TTL_ARCHIVE_TOPOLOGIES'] === undefined ? { seed: 20_261_123 } : {};

describe('watch', () => {
  it('archives every TTL deletion exactly once, or records a gap, whatever the stream, the calls and the disk do', {
    timeout: 60_000 + RUNS * 100,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(topologies, async (topology) => {
        expect((await runTopology(topology)).problems).toEqual([]);
      }),
      { numRuns: RUNS, ...SEED, examples: FOUND },
    );
  });

  it('does so over HTTP and the SDK', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(topologies, async (topology) => {
        expect((await runTopology(topology, 'http')).problems).toEqual([]);
      }),
      { numRuns: 10 },
    );
  });
});
