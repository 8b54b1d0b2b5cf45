import { createHash } from 'node:crypto';
import { inSlices, SLICE } from '../lib/in-slices.js';
import type { Checkpoint } from '../ports/index.js';
import type { MutableState } from './journal-state.js';
import { MAX_SNAPSHOT } from './limits.js';
import type { Tip } from './snapshot.js';

/**
 * The bytes of checkpoints.json: the state after all lines up to the tip, closed by a hash of the bytes. The state is taken
 * at the call; it may change while the checkpoints are encoded in slices. Undefined when the result would be larger than
 * a reader accepts.
 */
export function encodeSnapshot(state: MutableState, tip: Tip): Promise<Buffer | undefined> {
  return inSlices(encoding(state, tip));
}

function* encoding(state: MutableState, tip: Tip): Generator<void, Buffer | undefined> {
  const { checkpoints, openSegments, droppedShards, ...totals } = state;
  const head = JSON.stringify({
    version: 1,
    ...tip,
    ...totals,
    openSegments: [...openSegments],
    ...(droppedShards.size > 0 && { droppedShards: [...droppedShards] }),
  });
  const hash = createHash('sha256');
  const parts: Buffer[] = [];
  let size = 0;
  const add = (text: string): void => {
    const part = Buffer.from(text);
    hash.update(part);
    parts.push(part);
    size += part.length;
  };
  add(`${head.slice(0, -1)},"checkpoints":[`);
  let separator = '';
  for (const slice of slices([...checkpoints.values()].map((shards) => [...shards.values()]))) {
    if (separator !== '') yield;
    add(separator + JSON.stringify(slice).slice(1, -1));
    separator = ',';
    if (size > MAX_SNAPSHOT) return undefined;
  }
  add(']');
  parts.push(Buffer.from(`,"check":"${hash.digest('hex').slice(0, 32)}"}\n`));
  const content = Buffer.concat(parts);
  return content.length > MAX_SNAPSHOT ? undefined : content;
}

/** Splits lists into parts, none of which is empty. */
function* slices(lists: readonly (readonly Checkpoint[])[]): Generator<readonly Checkpoint[]> {
  for (const list of lists) {
    for (let start = 0; start < list.length; start += SLICE) yield list.slice(start, start + SLICE);
  }
}
