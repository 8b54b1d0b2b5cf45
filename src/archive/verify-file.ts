import { hash } from 'node:crypto';
import { join } from 'node:path';
import type { Disk, ItemEntry } from '../ports.js';
import type { Finding } from './finding.js';

/** `--layout files`: one item line against its file. The size is asked first: a huge file is not read to be refused. */
export async function verifyFile(
  { disk, directory }: { disk: Disk; directory: string },
  { entry, journal }: { entry: ItemEntry; journal: string },
  report: (finding: Finding) => void,
): Promise<void> {
  const { file, size, sha256 } = entry;
  const path = join(directory, file);
  const actual = await disk.size(path);
  if (actual !== undefined && actual !== size) {
    report({ kind: 'altered', file, detail: `holds ${actual} bytes instead of ${size}`, journal });
    return;
  }
  const content = actual === undefined ? undefined : await disk.read(path, size);
  if (content === undefined) report({ kind: 'missing', file, detail: 'the file is not there', journal });
  else if (hash('sha256', content) !== sha256) {
    report({ kind: 'altered', file, detail: 'its bytes are not the ones that were archived', journal });
  }
}
