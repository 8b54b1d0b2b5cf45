import { describe, expect, it } from 'vitest';
import { RestoreProgress } from '../../../src/cli/restore-progress.js';

describe('RestoreProgress', () => {
  it('is empty before the first source, when an early error may still end the command', () => {
    expect(new RestoreProgress(false, () => 0).text(79)).toBe('');
  });

  it('shows the share, the count, the rate and the remaining time', () => {
    let now = 0;
    const progress = new RestoreProgress(false, () => now);
    progress.begin(6000);
    progress.text(79);
    now = 4000;
    progress.take({ restored: 2000, skipped: 390, failed: 10, expired: 0 });
    expect(progress.text(79)).toBe('[######          ]   40%  2,400 of 6,000 done    600/s  ETA 6s      10 failed');
    expect(progress.text(99)).toContain('390 skipped');
    expect(progress.text(39)).toBe(' 40%  2,400 of 6,000 done  10 failed');
  });

  it('knows no remaining time while nothing moves', () => {
    const progress = new RestoreProgress(true, () => 0);
    progress.begin(10);
    expect(progress.text(79)).toBe('[                ]    0%   0 of 10 checked      0/s  ETA -');
  });

  it('shows the count and the time when it is not known how many there are', () => {
    let now = 0;
    const progress = new RestoreProgress(false, () => now);
    progress.begin(6000);
    progress.begin(undefined);
    progress.text(79);
    now = 2000;
    progress.take({ restored: 100, skipped: 0, failed: 0, expired: 0 });
    expect(progress.text(79)).toBe('    100 done     50/s  2s');
  });

  it('does not pretend to know the total when there are more items than were counted', () => {
    const progress = new RestoreProgress(false, () => 0);
    progress.begin(10);
    progress.take({ restored: 11, skipped: 0, failed: 0, expired: 0 });
    expect(progress.text(79)).not.toContain('of');
  });
});
