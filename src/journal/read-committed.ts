import { eachLine } from '../lib/lines.js';
import type { Disk, JournalLine } from '../ports/index.js';
import { journalError, readLines } from './journal-files.js';
import { decodeLine, hashOf } from './journal-line.js';
import { MAX_COMMIT } from './limits.js';
import { isTornTail } from './torn-tail.js';

/** The problem of a line that exceeds MAX_COMMIT. */
export const TOO_LONG = `is one of more than ${MAX_COMMIT} bytes of item lines without a closing line`;

export interface Committed {
  /** Where the last closing line ends. */
  readonly end: number;
  /** The last closing line, if any. */
  readonly last?: { readonly lineLength: number; readonly prev: string };
  readonly lines: number;
  /** Bytes after the last closing line. */
  readonly torn: number;
  /** What they are, for the log. */
  readonly found?: string;
}

interface From {
  readonly disk: Disk;
  readonly path: string;
  readonly start: number;
  /** The expected `prev` of the first line; undefined: any. */
  readonly prev: string | undefined;
  /** Only the newest file may end in an unconfirmed write, left by a power cut or a kill. */
  readonly isNewest: boolean;
  /** Called with the lines of each commit. */
  readonly onCommit: (lines: readonly JournalLine[]) => void;
}

/**
 * Reads a file of the journal commit by commit, up to a torn tail. Throws JOURNAL for any other damage.
 */
export async function readCommitted({ disk, path, start, isNewest, onCommit, ...from }: From): Promise<Committed> {
  let { prev } = from;
  let committed: Omit<Committed, 'torn' | 'found'> = { end: start, lines: 0 };
  let position = start;
  let lines = 0;
  let waiting: JournalLine[] = [];
  for await (const { bytes, whole } of readLines(disk, path, start)) {
    if (!whole) {
      const found = bytes.includes(0) ? 'zeros' : 'a part of a line';
      return { ...committed, torn: position + bytes.length - committed.end, found };
    }
    for (const bytesOfLine of eachLine(bytes)) {
      const decoded = decodeLine(bytesOfLine);
      const problem = problemOf(decoded, prev, position);
      if (problem !== undefined) {
        const isForeign = 'problem' in decoded && decoded.foreign === true;
        if (!isNewest || isForeign || !(await isTornTail(disk, path, position))) throw journalError(path, problem);
        const size = (await disk.size(path)) ?? position;
        const found = bytesOfLine.includes(0) ? 'zeros' : 'damaged lines';
        return { ...committed, torn: size - committed.end, found };
      }
      if ('problem' in decoded) continue;
      prev = hashOf(bytesOfLine);
      position += bytesOfLine.length + 1;
      lines += 1;
      waiting.push(decoded.line);
      if (decoded.line.type === 'item') {
        if (position - committed.end > MAX_COMMIT)
          throw journalError(path, `is damaged: the line at byte ${position} ${TOO_LONG}`);
        continue;
      }
      onCommit(waiting);
      waiting = [];
      committed = { end: position, last: { lineLength: bytesOfLine.length + 1, prev }, lines };
    }
  }
  return { ...committed, torn: position - committed.end, found: 'items without the line that commits them' };
}

function problemOf(decoded: ReturnType<typeof decodeLine>, prev: string | undefined, position: number) {
  if ('problem' in decoded) return `is damaged: the line at byte ${position} ${decoded.problem}`;
  return prev === undefined || decoded.prev === prev
    ? undefined
    : `was altered before byte ${position}: the chain of hashes breaks`;
}
