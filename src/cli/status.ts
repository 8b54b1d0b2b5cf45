import { resolve } from 'node:path';
import { nodeDisk } from '../disk/node-disk.js';
import { TtlArchiveError } from '../errors.js';
import { type ArchiveFacts, readArchiveFile } from '../journal/archive-file.js';
import { openJournal } from '../journal/open-journal.js';
import type { Checkpoint, JournalState } from '../ports.js';
import { systemClock } from '../watch/system-clock.js';
import type { LogOptions } from './command.js';
import { formatDuration } from './duration.js';
import { escapeText, toJsonLine } from './escape.js';
import type { Io } from './io.js';
import { formatBytes, formatCount } from './numbers.js';
import { formatMonthlyCost, monthlyCost } from './price.js';

export interface StatusOptions extends LogOptions {
  readonly out: string;
  readonly json?: boolean;
}

/** Runs `status`. It reads the journal and calls nobody. */
export async function status({ out, json }: StatusOptions, io: Io): Promise<void> {
  const directory = `${resolve(io.cwd, out)}/.ttl-archive`;
  const facts = await readArchiveFile({ disk: nodeDisk }, directory);
  if (facts === undefined) {
    throw new TtlArchiveError('TABLE', `There is no archive in ${escapeText(out)}.`, {
      remedy: 'Name its folder with --out, or begin one with: ttl-archive watch.',
    });
  }
  const { state } = await openJournal({ disk: nodeDisk, clock: systemClock }, { directory, readOnly: true });
  io.stdout.write(json === true ? toJsonLine(asJson(facts, state)) : asText(facts, state));
}

function shardsOf(state: JournalState): (Checkpoint & { state: string; lagMs: number | undefined })[] {
  const now = systemClock.now();
  return [...state.checkpoints.values()].flatMap((shards) =>
    [...shards.values()].map((checkpoint) => ({
      ...checkpoint,
      state: checkpoint.position === 'SHARD_END' ? 'ended' : checkpoint.position === 'TRIM_HORIZON' ? 'new' : 'open',
      lagMs:
        checkpoint.position === 'SHARD_END' || checkpoint.caughtUpAt === undefined
          ? undefined
          : Math.max(0, now - Date.parse(checkpoint.caughtUpAt)),
    })),
  );
}

function elapsed({ firstAt, lastAt }: JournalState): number {
  return firstAt === undefined || lastAt === undefined ? 0 : Date.parse(lastAt) - Date.parse(firstAt);
}

function asJson(facts: ArchiveFacts, state: JournalState) {
  const { items, bytes, gaps, getRecordsCalls, firstAt, lastAt } = state;
  const cost = monthlyCost(getRecordsCalls, elapsed(state));
  return { ...facts, items, bytes, firstAt, lastAt, getRecordsCalls, ...cost, shards: shardsOf(state), gaps };
}

function asText(facts: ArchiveFacts, state: JournalState): string {
  const shards = shardsOf(state);
  const lines = [
    `table      ${facts.table}`,
    `archive    ${facts.layout}, ${facts.format}`,
    `archived   ${formatCount(state.items)} items, ${formatBytes(state.bytes)}`,
    `written    ${state.firstAt ?? 'never'} to ${state.lastAt ?? 'never'}`,
    `calls      ${formatCount(state.getRecordsCalls)} GetRecords, ${formatMonthlyCost(state.getRecordsCalls, elapsed(state))}`,
    `shards     ${formatCount(shards.length)}`,
    ...shards.map(({ ShardId, state: is, position, lagMs }) => {
      const lag = lagMs === undefined ? '' : `  read up to ${formatDuration(lagMs)} ago`;
      return `  ${ShardId}  ${is.padEnd(5)}  ${position}${lag}`;
    }),
    `gaps       ${state.gaps.length === 0 ? 'none' : state.gaps.length}`,
    ...state.gaps.map(
      ({ ShardId, from, to, reason }) => `  ${ShardId}  ${from ?? 'the beginning'} to ${to}: ${reason}`,
    ),
  ];
  return lines.map((line) => `${escapeText(line)}\n`).join('');
}
