import { resolve } from 'node:path';
import { nodeDisk } from '../disk/node-disk.js';
import { TtlArchiveError } from '../errors.js';
import { readArchiveFile } from '../journal/archive-file.js';
import { openJournal } from '../journal/open-journal.js';
import { systemClock } from '../watch/system-clock.js';
import type { LogOptions } from './command.js';
import { escapeText, toJsonLine } from './escape.js';
import type { Io } from './io.js';
import { statusOf, statusText } from './status-text.js';

export interface StatusOptions extends LogOptions {
  readonly out: string;
  readonly json?: boolean;
}

/** Runs `status`. It asks the archive alone, never AWS, and takes no lock. */
export async function runStatus({ out, json }: StatusOptions, io: Io): Promise<void> {
  const directory = `${resolve(io.cwd, out)}/.ttl-archive`;
  const archive = await readArchiveFile({ disk: nodeDisk }, directory);
  if (archive === undefined) {
    throw new TtlArchiveError('USAGE', `There is no archive in the folder ${escapeText(out)}.`, {
      remedy: 'Name the folder that `watch` writes to with --out.',
    });
  }
  const { state } = await openJournal({ disk: nodeDisk, clock: systemClock }, { directory, readOnly: true });
  const status = statusOf({ archive, state, now: systemClock.now() });
  io.stdout.write(json === true ? toJsonLine(status) : statusText(status, out));
}
