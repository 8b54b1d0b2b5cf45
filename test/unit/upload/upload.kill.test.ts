import { describe, expect, it } from 'vitest';
import { Crash } from '../../support/memory-disk.js';
import { uploadFixture } from './upload-fixture.js';

/** Steps that a whole run takes; a run that is killed at a later one ends by itself. */
const MOST = 400;

type Fixture = ReturnType<typeof uploadFixture>;

/** Kills a run, at every step in turn; true when the run ended before that step. */
async function killedAtEvery(
  deleteUploaded: boolean,
  runUntilKilled: (fixture: Fixture, step: number) => Promise<boolean>,
): Promise<number> {
  for (let step = 1; step < MOST; step++) {
    const fixture = uploadFixture();
    fixture.put(8);
    const ended = await runUntilKilled(fixture, step);
    // A power cut takes what is not durable, a kill nothing.
    if (step % 2 === 0) fixture.kill();
    else fixture.cutPower(step);
    fixture.put(4);
    await fixture.start({ once: true }, { deleteUploaded }).end();
    const { found, onlyInS3 } = await fixture.verify();
    const problems = [...fixture.s3Problems(), ...found];
    expect(problems, `killed at step ${step}`).toEqual([]);
    expect(fixture.segments().length > 0, `step ${step}`).toBe(!deleteUploaded);
    expect(onlyInS3.segments > 0, `step ${step}`).toBe(deleteUploaded);
    if (ended) return step;
  }
  throw new Error(`a run takes more than ${MOST} steps`);
}

async function isEnded(run: ReturnType<Fixture['start']>): Promise<boolean> {
  try {
    await run.end();
    return true;
  } catch (error) {
    if (error instanceof Crash) return false;
    throw error;
  }
}

describe('watch with an upload that is killed', () => {
  for (const deleteUploaded of [false, true]) {
    const title = `has every deletion in S3 once, and here or there, after a kill at any`;
    it(`${title} write to the disk (deleteUploaded: ${deleteUploaded})`, { timeout: 120_000 }, async () => {
      const steps = await killedAtEvery(deleteUploaded, async (fixture, step) => {
        fixture.disk.stopAfter(step);
        return isEnded(fixture.start({ once: true }, { deleteUploaded }));
      });
      expect(steps).toBeGreaterThan(40);
    });

    it(`${title} call to S3 (deleteUploaded: ${deleteUploaded})`, { timeout: 120_000 }, async () => {
      for (const after of [false, true]) {
        const steps = await killedAtEvery(deleteUploaded, async (fixture, step) => {
          let calls = 0;
          const fault = (_: unknown, done: boolean): void => {
            if (done !== after || ++calls < step) return;
            if (calls === step) fixture.kill();
            throw new Crash(`killed at call ${step}`);
          };
          return isEnded(fixture.start({ once: true, fault }, { deleteUploaded }));
        });
        expect(steps).toBeGreaterThan(10);
      }
    });
  }
});
