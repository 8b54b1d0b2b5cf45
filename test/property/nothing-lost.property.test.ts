import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Topology, topologies } from '../support/topology.js';
import { runTopology } from '../support/topology-run.js';

/** The soak sets it to more. */
const RUNS = Number(process.env['TTL_ARCHIVE_TOPOLOGIES'] ?? 200);
/** A new one each time, so that every run searches on; TTL_ARCHIVE_SEED repeats one. */
const SEED = Number(process.env['TTL_ARCHIVE_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const FOLDER = new URL('found/', import.meta.url);
/** Topologies that once broke the promise. */
const FOUND = readdirSync(FOLDER).map((name): [Topology] => [JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'))]);

/** Searches for a topology that breaks the promise, and keeps the smallest one that it finds. */
async function search(way: 'in-process' | 'http', numRuns: number): Promise<string> {
  const property = fc.asyncProperty(topologies, async (topology) => {
    expect((await runTopology(topology, way)).problems).toEqual([]);
  });
  const result = await fc.check(property, { numRuns, seed: SEED, examples: way === 'http' ? [] : FOUND });
  if (!result.failed) return '';
  const [topology] = result.counterexample ?? [];
  if (topology !== undefined) {
    const text = `${JSON.stringify(topology, null, 2)}\n`;
    const name = createHash('sha256').update(text).digest('hex').slice(0, 12);
    writeFileSync(new URL(`${name}.json`, FOLDER), text);
  }
  return `TTL_ARCHIVE_SEED=${SEED} repeats it. ${fc.defaultReportMessage(result) ?? ''}`;
}

describe('watch', () => {
  it(`archives every TTL deletion exactly once, or records a gap, whatever the stream, the calls and the disk do (seed ${SEED})`, {
    timeout: 120_000 + RUNS * 100,
  }, async () => {
    expect(await search('in-process', RUNS)).toBe('');
  });

  it(`does so over HTTP and the SDK (seed ${SEED})`, { timeout: 120_000 }, async () => {
    expect(await search('http', 10)).toBe('');
  });
});
