import { describe, expect, it } from 'vitest';
import { uploadFixture } from './upload-fixture.js';

describe('watch with an upload', () => {
  it('has every deletion in S3 exactly once at the end of a run with once', async () => {
    const fixture = uploadFixture();
    fixture.put(12);
    const run = fixture.start({ once: true });
    const summary = await run.end();
    expect(fixture.s3Problems()).toEqual([]);
    expect((await fixture.verify()).found).toEqual([]);
    expect(summary.upload).toMatchObject({ segments: fixture.segments().length, waitingSegments: 0 });
    expect(fixture.segments().length).toBeGreaterThan(3);
  });
});
