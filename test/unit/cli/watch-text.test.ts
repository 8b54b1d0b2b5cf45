import { describe, expect, it } from 'vitest';
import { fieldLine } from '../../../src/cli/field-line.js';
import { progressFields, summaryFacts, summaryText } from '../../../src/cli/watch-text.js';
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
  maxLagMs: 43_200_000,
  lagMs: 2400,
  failingMs: undefined,
  stalledMs: 0,
};

/** The live line on a terminal with so many columns. */
const lineOf = (progress: WatchProgress, rate = 0, columns = 80): string =>
  fieldLine(progressFields(progress, rate), columns - 1);

describe('progressFields', () => {
  const calm = { ...PROGRESS, shards: { open: 3, behind: 0, ended: 2 } };
  const upload = {
    segments: 3,
    bytes: 5000,
    waitingSegments: 2,
    waitingBytes: 2048,
    failingMs: 62_000,
    isPaused: true,
  };

  it('shows shards, archived, ignored, rate, lag and the time until records are trimmed', () => {
    expect(lineOf(calm, 249.6)).toBe('3 shards    1,204 archived    1,521 ignored   250/s  lag 2s     trim 23h 59m');
  });

  it('keeps every column in its place while the numbers change', () => {
    const starts = [
      { ...calm, archived: 0, ignored: { insert: 0, modify: 0, remove: 0, unknown: 0 }, lagMs: undefined },
      { ...calm, archived: 7, lagMs: 850 },
      { ...calm, archived: 99_999, lagMs: 62_000 },
    ].map((progress) => ['archived', 'ignored', '/s', 'lag', 'trim'].map((word) => lineOf(progress, 5).indexOf(word)));
    expect(new Set(starts.map(String)).size).toBe(1);
  });

  it('leaves out what matters least on a narrow terminal', () => {
    expect(lineOf(calm, 250, 60)).toBe('3 shards    1,204 archived   250/s  lag 2s     trim 23h 59m');
    expect(lineOf(calm, 250, 40)).toBe('  1,204 archived   250/s  lag 2s');
    expect(lineOf({ ...calm, failingMs: 60_000 }, 0, 40)).toBe('  1,204 archived  unreachable for 1m');
    expect(lineOf({ ...calm, lagMs: 20 * 3_600_000 }, 0, 40)).toBe('  1,204 archived  lag 20h    trim 4h');
  });

  it('says so when the endpoint has not answered for a while', () => {
    expect(lineOf({ ...PROGRESS, lagMs: 62_000, failingMs: 60_000 })).toMatch(/lag 1m 2s .*unreachable for 1m/);
    expect(lineOf({ ...PROGRESS, failingMs: 1000 })).not.toContain('unreachable');
  });

  it('shows what is wrong with the upload, and what waits, before all that is well', () => {
    expect(lineOf({ ...PROGRESS, upload }, 0, 160)).toMatch(
      / {2}reading paused {2}upload failing for 1m 2s {2}2 segments \(2\.0 KB\) to upload {2}1 behind$/,
    );
    expect(lineOf({ ...PROGRESS, upload }, 0, 50)).toBe('reading paused  upload failing for 1m 2s');
    const idle = { ...upload, waitingSegments: 0, waitingBytes: 0, failingMs: undefined, isPaused: false };
    expect(lineOf({ ...calm, upload: idle })).toBe(lineOf(calm));
  });

  it('is empty before the first listing, when an early error may still end the run', () => {
    const progress = { ...PROGRESS, shards: { open: 0, behind: 0, ended: 0 }, archived: 0, lagMs: undefined };
    expect(lineOf(progress)).toBe('');
    expect(lineOf({ ...progress, failingMs: 5000 })).toBe('unreachable for 5s');
  });

  it('does not flicker while the shards are read up to now', () => {
    const [one, other] = [
      { ...calm, lagMs: 44 },
      { ...calm, lagMs: 586 },
    ].map((progress) => lineOf(progress));
    expect(one).toBe(other);
    expect(one).toContain('lag <1s    trim 23h 59m');
  });

  it('shows no lag before the first page', () => {
    expect(lineOf({ ...calm, lagMs: undefined })).toContain('lag -      trim -');
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
    expect(summaryText({ ...summary, ...more }, once, 80)).not.toContain('$');
  });

  it('is text that fits into the terminal', () => {
    expect(summaryText(summary, false, 80)).toBe(
      'archived 1,204 items (4.0 KB), ignored 1,521 (1,000 INSERT, 500 MODIFY, 20\n' +
        '  REMOVE (not TTL), 1 unknown), 0 gaps, in 1m\n' +
        '5,000 records of 5 shards, 600 GetRecords calls, $4.68 a month at this pace\n' +
        '  (25,920,000 calls)\n',
    );
    expect(
      Math.max(
        ...summaryText(summary, false, 40)
          .split('\n')
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(40);
  });
});
