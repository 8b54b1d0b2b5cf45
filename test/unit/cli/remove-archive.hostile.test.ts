import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, it } from 'vitest';
import { prepareRemoval } from '../../../src/cli/remove-archive.js';
import { nodeDisk } from '../../../src/disk/node-disk.js';
import { TtlArchiveError } from '../../../src/errors.js';
import { systemClock } from '../../../src/lib/system-clock.js';
import { fingerprint, HOSTILE_FOLDERS } from '../../support/hostile-folders.js';
import { notedLog } from '../../support/noted-log.js';
import { sampleItems, writeSampleArchive } from '../../support/sample-archive.js';

const root = await mkdtemp(join(tmpdir(), 'ttl-archive-removal-'));
afterAll(() => rm(root, { recursive: true, force: true }));

/** What waits for the holder of a lock is for the tests of the lock. */
const FOLDERS = HOSTILE_FOLDERS.filter(({ name }) => !name.includes('lock') && !name.includes('bomb'));

describe('prepareRemoval', () => {
  it.concurrent.for(FOLDERS)(
    'deletes nothing outside: $name',
    // They all run at once: the time is for a hang.
    { timeout: 60_000 },
    async ({ layout, spoil }, { expect }) => {
      const cwd = await mkdtemp(join(root, 'case-'));
      const outside = join(cwd, 'outside');
      await mkdir(join(outside, 'folder'), { recursive: true });
      await writeFile(join(outside, 'secret'), 'secret');
      // As it would be found behind a link in the place of a folder of the layout.
      await mkdir(join(outside, 'month=11/day=24/hour=00'), { recursive: true });
      await writeFile(join(outside, 'month=11/day=24/hour=00/sample-0.json.gz'), 'not ours');
      await mkdir(join(outside, 'hour=00'));
      await writeFile(join(outside, 'hour=00/sample-0.json.gz'), 'not ours');
      const archive = join(cwd, 'temp');
      await mkdir(archive);
      await writeSampleArchive({ disk: nodeDisk, directory: archive, items: sampleItems(12), layout });
      await spoil(archive, outside);
      const before = await fingerprint(outside);
      const context = { clock: systemClock, log: notedLog(), signal: AbortSignal.timeout(5000) };
      const error = await remove(archive, context);
      expect(error === undefined || error instanceof TtlArchiveError, String(error)).toBe(true);
      expect(await fingerprint(outside)).toBe(before);
    },
  );
});

async function remove(archive: string, context: Parameters<typeof prepareRemoval>[2]): Promise<unknown> {
  try {
    const removal = await prepareRemoval(archive, 'Sample', context);
    try {
      await removal?.remove();
    } finally {
      await removal?.release();
    }
    return undefined;
  } catch (error) {
    return error;
  }
}
