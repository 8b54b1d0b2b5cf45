/**
 * npm run soak -- [--kills 200] [--follow-kills 200] [--namespaces 100] [--topologies 10000] [--fuzz 100000] [--seed n]
 *
 * Kills the built CLI at random moments, also with small gzip segments, splits and failing calls, lets it compete for a
 * folder in two PID namespaces, lives through random topologies and feeds mutated answers and journals. Exits with 1
 * when anything was missing, duplicated, half-written, or a gap without a reason.
 */
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { type AuditCounts, addCounts, NO_COUNTS } from '../test/support/archive-audit.js';
import { fuzzJournals, fuzzResponses } from '../test/support/fuzz.js';
import { soakKills } from '../test/support/soak-kills.js';
import { soakNamespaces } from '../test/support/soak-namespaces.js';
import { topologies } from '../test/support/topology.js';
import { runTopology } from '../test/support/topology-run.js';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    'follow-kills': { type: 'string', default: '200' },
    namespaces: { type: 'string', default: '100' },
    topologies: { type: 'string', default: '10000' },
    fuzz: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
  },
});
const seed = Number(values.seed);
const figures: AuditCounts = { ...NO_COUNTS };
let problems = 0;
process.on('unhandledRejection', (error) => report('unhandled rejection', [String(error)]));
console.log(`seed ${seed}`);

await inTime(`${values.kills} kills`, async () => {
  const kills = Number(values.kills);
  const halves = { files: Math.ceil(kills / 2), segments: Math.floor(kills / 2) };
  await Promise.all(
    (['files', 'segments'] as const).map(async (layout) => {
      const audit = await soakKills({ kills: halves[layout], layout, seed });
      addCounts(figures, audit);
      report(`kills, ${layout}`, audit.problems);
    }),
  );
});

await inTime(
  `${values['follow-kills']} kills with small gzip segments, splits and 5 % of the calls failing`,
  async () => {
    const options = ['--compress', 'gzip', '--segment-size', '20KB'];
    const kills = Number(values['follow-kills']);
    const audit = await soakKills({ kills, layout: 'segments', seed: seed + 1, faultShare: 0.05, options });
    addCounts(figures, audit);
    report('kills, small segments', audit.problems);
  },
);

await inTime(`${values.namespaces} runs of two PID namespaces that compete for one folder`, async () => {
  const audit = await soakNamespaces({ runs: Number(values.namespaces), seed });
  addCounts(figures, audit);
  report('namespaces', audit.problems);
});

await inTime(`${values.topologies} random topologies`, async () => {
  const count = Number(values.topologies);
  for (let done = 0; done < count; done += 500) {
    const portion = fc.sample(topologies, { numRuns: Math.min(500, count - done), seed: seed + done });
    for (const topology of portion) {
      try {
        const audit = await runTopology(topology);
        addCounts(figures, audit);
        report(JSON.stringify(topology), audit.problems);
      } catch (error) {
        report(JSON.stringify(topology), [error instanceof Error ? String(error.stack) : String(error)]);
      }
    }
  }
});

await inTime(`${values.fuzz} mutated answers and journals`, async () => {
  const count = Number(values.fuzz);
  if (count === 0) return;
  report('mutated answers', (await fuzzResponses(Math.ceil(count / 2), seed)).problems);
  report('mutated journals', (await fuzzJournals(Math.floor(count / 2), seed)).problems);
});

console.log(`
items expected     ${figures.expected}
archived           ${figures.archived}
missing            ${figures.missing}
duplicated         ${figures.duplicated}
half-written       ${figures.halfWritten}
gaps explained     ${figures.gapsExplained}
gaps unexplained   ${figures.gapsUnexplained}
other problems     ${problems}`);
const { missing, duplicated, halfWritten, gapsUnexplained } = figures;
process.exitCode = missing + duplicated + halfWritten + gapsUnexplained + problems > 0 ? 1 : 0;

async function inTime(what: string, work: () => Promise<void>): Promise<void> {
  const start = performance.now();
  await work();
  console.log(`${what}: ${Math.round((performance.now() - start) / 1000)} s`);
}

/** Tells the first few, counts all. */
function report(what: string, found: readonly string[]): void {
  if (found.length === 0) return;
  problems += found.length;
  console.error(`${what}\n${found.slice(0, 5).join('\n')}`);
}
