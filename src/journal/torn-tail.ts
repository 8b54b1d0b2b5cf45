import { eachLine } from '../lib/lines.js';
import type { Disk } from '../ports/index.js';
import { readLines } from './journal-files.js';
import { decodeLine, hashOf } from './journal-line.js';

/**
 * Whether damage in the newest file, found in the line that starts at `damagedAt`, can be what a power cut has left of
 * the last write: sectors of it that were never written read as zeros, and nobody was told that it is committed. It is
 * not when a later write is there as it was written, because a write begins only when the one before is confirmed.
 *
 * A closing line says where its write began. Lines of older versions do not: there, only a commit that is whole, from
 * the closing line before it on, counts as a later write.
 */
export async function isTornTail(disk: Disk, path: string, damagedAt: number): Promise<boolean> {
  /** Hash of the line before, when that one and all others since a closing line are as they were written. */
  let prev: string | undefined;
  for await (const { bytes, whole } of readLines(disk, path, damagedAt)) {
    if (!whole) break;
    for (const line of eachLine(bytes)) {
      const decoded = decodeLine(line);
      if ('problem' in decoded) {
        if (decoded.foreign === true) return false;
        prev = undefined;
        continue;
      }
      const isChained = prev !== undefined && decoded.prev === prev;
      prev = isChained ? hashOf(line) : undefined;
      if (decoded.line.type === 'item') continue;
      if (decoded.append === undefined ? isChained : decoded.append > damagedAt) return false;
      prev = hashOf(line);
    }
  }
  return true;
}
