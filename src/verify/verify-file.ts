import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { hasCode } from '../errors.js';
import type { Disk, ItemEntry } from '../ports/index.js';
import type { Finding } from './finding.js';

/** Bytes read at a time: many files are read concurrently. */
const CHUNK = 1024 * 1024;

/**
 * `--layout files`: compares an item line with its file, with `reads` false with its size alone, and reports anything but that
 * it is missing. No huge file is read.
 */
export async function verifyFile(
  { disk, directory }: { disk: Disk; directory: string },
  { entry, journal, reads = true }: { entry: ItemEntry; journal: string; reads?: boolean },
  report: (finding: Finding) => void,
): Promise<'missing' | 'found'> {
  const { file, size, sha256 } = entry;
  const path = join(directory, file);
  try {
    const actual = await disk.size(path);
    if (actual === undefined) return 'missing';
    if (actual !== size) {
      report({ kind: 'altered', file, detail: `${actual} bytes instead of ${size}`, journal });
    } else if (reads && (await sha256Of(disk, path, size)) !== sha256) {
      report({ kind: 'altered', file, detail: 'checksum mismatch', journal });
    }
  } catch (error) {
    if (!hasCode(error, 'DISK')) throw error;
    // A prune may have removed it meanwhile.
    if ((await disk.size(path).catch(() => 0)) === undefined) return 'missing';
    report({ kind: 'unreadable', file, detail: error.message, journal });
  }
  return 'found';
}

async function sha256Of(disk: Disk, path: string, size: number): Promise<string> {
  const digest = createHash('sha256');
  for (let position = 0; position < size; position += CHUNK) {
    digest.update(await disk.readAt(path, position, Math.min(CHUNK, size - position)));
  }
  return digest.digest('hex');
}
