import { eachLine } from '../lib/lines.js';
import type { Disk } from '../ports/index.js';
import { readLines } from './journal-files.js';
import { decodeLine, hashOf } from './journal-line.js';

/**
 * Whether damage in the newest file, found in the line that starts at `damagedAt`, can be in the last, unconfirmed write: a
 * power cut leaves zeros in sectors that were never written. It is not when an undamaged later write follows, because a
 * write begins only when the previous one is confirmed.
 *
 * A closing line says where its write began. In lines of older versions, which do not, only a whole commit directly after
 * another closing line counts as a later write.
 */
export async function isTornTail(disk: Disk, path: string, damagedAt: number): Promise<boolean> {
  /** Hash of the previous line, when it and all others since a closing line are undamaged. */
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
