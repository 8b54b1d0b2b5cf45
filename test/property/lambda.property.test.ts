import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/system-clock.js';
import { createS3Storage } from '../../src/s3/s3-storage.js';
import { lambdaHistories } from '../support/lambda-history.js';
import { runLambda } from '../support/lambda-run.js';
import { S3_FAULTS } from '../support/s3-server/faults.js';
import { BUCKET, startS3Server } from '../support/s3-server/s3-server.js';
import { seededRandom } from '../support/streams-server/faults.js';

const RUNS = Number(process.env['TTL_ARCHIVE_LAMBDA_HISTORIES'] ?? 300);
/** A new one each time, so that every run searches on; TTL_ARCHIVE_SEED repeats one. */
const SEED = Number(process.env['TTL_ARCHIVE_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

async function search(numRuns: number, run: typeof runLambda): Promise<string> {
  const property = fc.asyncProperty(lambdaHistories, async (history) => {
    expect(await run(history)).toEqual([]);
  });
  const result = await fc.check(property, { numRuns, seed: SEED });
  return result.failed ? `TTL_ARCHIVE_SEED=${SEED} repeats it. ${fc.defaultReportMessage(result) ?? ''}` : '';
}

const PASSING = [
  S3_FAULTS.slowDown,
  S3_FAULTS.conflict,
  S3_FAULTS.reset,
  S3_FAULTS.lostAnswer,
  S3_FAULTS.alteredUpload,
  S3_FAULTS.truncated,
];

describe('the Lambda handler', () => {
  it(`archives every TTL deletion exactly once, or leaves it to the on-failure destination (seed ${SEED})`, {
    timeout: 120_000 + RUNS * 100,
  }, async () => {
    expect(await search(RUNS, runLambda)).toBe('');
  });

  it(`does so through the SDK and an S3 that fails (seed ${SEED})`, { timeout: 120_000 }, async () => {
    const random = seededRandom(SEED);
    const run = async (history: Parameters<typeof runLambda>[0]) => {
      const faults = () => (random() < 0.2 ? PASSING[Math.floor(random() * PASSING.length)] : undefined);
      const server = await startS3Server({ faults, pageSize: 3 });
      const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
      const storage = createS3Storage(
        { bucket: BUCKET, prefix: '', region: 'us-east-1', endpointUrl: server.endpointUrl, credentials },
        { clock: { ...systemClock, sleep: async () => undefined }, random },
      );
      try {
        return await runLambda(history, { objects: server.objects, storage });
      } finally {
        await server.close();
      }
    };
    expect(await search(10, run)).toBe('');
  });
});
