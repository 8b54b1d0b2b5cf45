import { openJournal } from '../../../src/journal/open-journal.js';
import { readJournal } from '../../../src/journal/read-journal.js';
import type { Checkpoint, Clock, Disk, Journal, JournalLine, JournalRecord } from '../../../src/ports/index.js';
import { SIMULATED_START } from '../../support/simulated-clock.js';

export const DIRECTORY = '/archive/.ttl-archive';
export const FIRST_FILE = `${DIRECTORY}/journal/2026-11-23.ndjson`;
export const SNAPSHOT = `${DIRECTORY}/checkpoints.json`;
export const STREAM = 'arn:aws:dynamodb:us-east-1:000000000000:table/TTLTest/stream/2026-11-23T00:00:00.000';

/** A clock that never wakes a sleeper: notes wait for the next commit or for close. */
export const STILL: Clock = {
  now: () => SIMULATED_START,
  monotonic: () => 0,
  sleep: (_ms, signal) => new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true })),
};

export function open(disk: Disk, clock: Clock = STILL, readOnly = false): Promise<Journal> {
  return openJournal({ disk, clock }, { directory: DIRECTORY, readOnly });
}

export function item(n: number, ShardId = 'shard-1'): JournalLine {
  return {
    type: 'item',
    file: `file-${n}.json`,
    sha256: 'ab'.repeat(32),
    size: 100,
    eventID: `e${n}`,
    ShardId,
    SequenceNumber: `${n}`.padStart(21, '0'),
    Keys: { PK: { S: `key-${n} é` } },
    ttl: 1_795_446_313,
    deletedAt: '2026-11-23T12:00:00.000Z',
    provenance: 'ttl',
  };
}

export function checkpoint(position: string, rest: Partial<Checkpoint> = {}): { type: 'checkpoint' } & Checkpoint {
  return { type: 'checkpoint', stream: STREAM, ShardId: 'shard-1', position, at: '2026-11-23T12:00:00.000Z', ...rest };
}

/** A state as plain data, for comparing. */
export function plain({ state }: Pick<Journal, 'state'>) {
  return {
    ...state,
    checkpoints: [...state.checkpoints.values()].flatMap((shards) => [...shards.values()]),
    openSegments: Object.fromEntries(state.openSegments),
  };
}

export async function recordsOf(disk: Disk): Promise<JournalRecord[]> {
  const records: JournalRecord[] = [];
  for await (const record of readJournal({ disk }, DIRECTORY)) records.push(record);
  return records;
}

export async function linesOf(disk: Disk): Promise<JournalLine[]> {
  return (await recordsOf(disk)).map((record) => {
    if ('problem' in record) throw new Error(`${record.file}:${record.number} ${record.problem}`);
    return record.line;
  });
}
