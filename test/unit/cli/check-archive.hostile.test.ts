import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, it } from 'vitest';
import { checkArchive } from '../../../src/cli/check-archive.js';
import { checkText } from '../../../src/cli/doctor-text.js';
import { nodeDisk } from '../../../src/disk/node-disk.js';
import { fakeIo } from '../../support/fake-io.js';
import { fingerprint, HOSTILE_FOLDERS } from '../../support/hostile-folders.js';
import { sampleItems, writeSampleArchive } from '../../support/sample-archive.js';

const root = await mkdtemp(join(tmpdir(), 'ttl-archive-doctor-'));
afterAll(() => rm(root, { recursive: true, force: true }));

/** What doctor reads: the archive's facts and its lock. */
const FOLDERS = HOSTILE_FOLDERS.filter(({ name }) => /lock|archive\.json/.test(name));

describe('checkArchive', () => {
  it('has hostile folders to look at', ({ expect }) => {
    expect(FOLDERS.length).toBeGreaterThan(10);
  });

  it.concurrent.for(FOLDERS)(
    'prints nothing that a terminal acts on, and changes nothing outside: $name',
    async ({ layout, spoil }, { expect }) => {
      const cwd = await mkdtemp(join(root, 'case-'));
      const outside = join(cwd, 'outside');
      await mkdir(join(outside, 'folder'), { recursive: true });
      await writeFile(join(outside, 'secret'), 'secret');
      const archive = join(cwd, 'temp');
      await mkdir(archive);
      await writeSampleArchive({ disk: nodeDisk, directory: archive, items: sampleItems(12), layout });
      await spoil(archive, outside);
      const before = await fingerprint(outside);
      const checks = await checkArchive({ out: 'temp', table: 'Sample', now: Date.now() }, fakeIo({ cwd }));
      expect(await fingerprint(outside)).toBe(before);
      const printed = checks.map((check) => checkText(check, [], 80)).join('');
      expect(printed).not.toMatch(/[^\P{C}\n]/u);
    },
  );
});
