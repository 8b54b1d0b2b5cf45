import { describe, expect, it } from 'vitest';
import { judgeHealth, timeToTrim } from '../../../src/watch/health.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const WELL = { lagMs: 1000, failingMs: undefined, stalledMs: 0, maxLagMs: 12 * HOUR };
const judge = (facts: Partial<Parameters<typeof judgeHealth>[0]>) => judgeHealth({ ...WELL, ...facts });

describe('judgeHealth', () => {
  it.each([
    ['all is well', {}],
    ['the lag is not known yet', { lagMs: undefined }],
    ['calls have failed for less than five minutes', { failingMs: 5 * MINUTE - 1 }],
    ['nothing has advanced for less than ten minutes', { stalledMs: 10 * MINUTE - 1 }],
    ['the lag is at its limit', { lagMs: 12 * HOUR }],
  ])('is ok when %s', (_, facts) => {
    expect(judge(facts)).toEqual({ status: 'ok' });
  });

  it.each([
    ['endpoint-unreachable', { failingMs: 5 * MINUTE }, 'No call has succeeded for 5m.'],
    ['stalled', { stalledMs: 10 * MINUTE }, 'Calls succeed, but nothing has been read any further for 10m.'],
    [
      'stalled',
      { stalledMs: 10 * MINUTE, lagMs: undefined },
      'Calls succeed, but nothing has been read any further for 10m.',
    ],
    ['stalled', { stalledMs: HOUR, isPaused: true }, 'Reading has been paused for 1h: segments wait for their upload.'],
    ['behind', { lagMs: 13 * HOUR }, 'Reading is 13h behind, and 12h is the limit; records live for 24h.'],
  ])('is %s for %o', (status, facts, reason) => {
    expect(judge(facts)).toEqual({ status, reason });
  });

  it('names the cause when one problem follows from another', () => {
    const lagMs = 20 * HOUR;
    expect(judge({ lagMs, stalledMs: HOUR, failingMs: HOUR }).status).toBe('endpoint-unreachable');
    expect(judge({ lagMs, stalledMs: HOUR }).status).toBe('stalled');
  });

  it('uses the limit that it is given', () => {
    expect(judge({ lagMs: 2 * MINUTE, maxLagMs: MINUTE }).status).toBe('behind');
  });
});

describe('timeToTrim', () => {
  it('is what is left of 24 hours, and negative when they are over', () => {
    expect(timeToTrim(HOUR)).toBe(23 * HOUR);
    expect(timeToTrim(25 * HOUR)).toBe(-HOUR);
  });
});
