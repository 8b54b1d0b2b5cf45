import { describe, expect, it } from 'vitest';
import { createRate, progressText, summaryFacts, summaryText } from '../../../src/cli/watch-text.js';
import type { WatchProgress, WatchSummary } from '../../../src/watch/summary.js';

const PROGRESS: WatchProgress = {
  isReady: true,
  shards: { open: 3, behind: 1, ended: 2 },
  records: 5000,
  archived: 1204,
  archivedBytes: 4096,
  archivedAs: { ttl: 1204, 'ddb-local': 0, inferred: 0, all: 0 },
  lastArchivedAt: undefined,
  gapCount: 0,
  isLoopback: false,
  retries: {},
  ignored: { insert: 1000, modify: 500, remove: 20, unknown: 1 },
  getRecordsCalls: 600,
  lagMs: 2400,
  failingMs: undefined,
  stalledMs: 0,
};

describe('progressText', () => {
  it('shows shards, archived, ignored, rate and lag', () => {
    expect(progressText(PROGRESS, 249.6)).toBe(
      '3 shards | 1 behind | 1,204 archived | 1,521 ignored | 250 records/s | lag 2s',
    );
  });

  it('says so when the endpoint has not answered for a while', () => {
    expect(progressText({ ...PROGRESS, lagMs: 62_000, failingMs: 60_000 }, 0)).toMatch(
      /lag 1m 2s \| unreachable for 1m$/,
    );
    expect(progressText({ ...PROGRESS, failingMs: 1000 }, 0)).not.toContain('unreachable');
  });

  it('shows first what is wrong with the upload, and what waits', () => {
    const upload = {
      segments: 3,
      bytes: 5000,
      waitingSegments: 2,
      waitingBytes: 2048,
      failingMs: 62_000,
      isPaused: true,
    };
    expect(progressText({ ...PROGRESS, upload }, 0)).toMatch(
      /^reading paused \| upload failing for 1m 2s \| 2 segments \(2\.0 KB\) to upload \| 3 shards/,
    );
    const idle = { ...upload, waitingSegments: 0, waitingBytes: 0, failingMs: undefined, isPaused: false };
    expect(progressText({ ...PROGRESS, upload: idle }, 0)).toMatch(/^3 shards/);
  });

  it('is empty before the first listing, when an early error may still end the run', () => {
    const progress = { ...PROGRESS, shards: { open: 0, behind: 0, ended: 0 }, archived: 0, lagMs: undefined };
    expect(progressText(progress, 0)).toBe('');
    expect(progressText({ ...progress, failingMs: 5000 }, 0)).toBe('unreachable for 5s');
  });

  it('shows no lag before the first page', () => {
    const progress = { ...PROGRESS, shards: { open: 1, behind: 0, ended: 0 }, lagMs: undefined };
    expect(progressText(progress, 0)).toContain('1 shard | 1,204 archived');
    expect(progressText(progress, 0)).toContain('lag -');
  });
});

describe('createRate', () => {
  it('counts over the last five seconds', () => {
    let now = 0;
    const rate = createRate(() => now);
    expect(rate(0)).toBe(0);
    now = 1000;
    expect(rate(100)).toBe(100);
    now = 10_000;
    expect(rate(100)).toBe(0);
  });
});

describe('summaryFacts', () => {
  const summary: WatchSummary = {
    ...PROGRESS,
    stream: 'arn',
    elapsedMs: 60_000,
    gaps: [],
    gapCount: 0,
    interrupted: false,
    isLoopback: false,
  };

  it('prices the calls at the pace of the run', () => {
    // 10 calls a second are 25,920,000 in 30 days; 23,420,000 of them cost $0.02 per 100,000.
    expect(summaryFacts(summary, false)).toMatchObject({
      shards: 5,
      GetRecords: 600,
      price: '$4.68 a month at this pace (25,920,000 calls)',
      elapsed: '1m',
      gaps: 0,
    });
  });

  it.each<[string, Partial<WatchSummary>, boolean]>([
    ['a run that was not meant to go on', {}, true],
    ['an endpoint on this machine', { isLoopback: true }, false],
    ['the first minute of a run', { elapsedMs: 489 }, false],
  ])('has no price for %s', (_, more, once) => {
    expect(summaryFacts({ ...summary, ...more }, once)).not.toHaveProperty('price');
    expect(summaryText({ ...summary, ...more }, once)).not.toContain('$');
  });

  it('has two lines of text', () => {
    expect(summaryText(summary, false)).toBe(
      'archived 1,204 items (4.0 KB), ignored 1,521 (1,000 INSERT, 500 MODIFY, 20 REMOVE (not TTL), 1 unknown), 0 gaps, in 1m\n' +
        '5,000 records of 5 shards, 600 GetRecords calls, $4.68 a month at this pace (25,920,000 calls)\n',
    );
  });
});
