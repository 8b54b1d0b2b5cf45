import { createReadStream } from 'node:fs';
import { nodeDisk } from '../disk/node-disk.js';
import { TtlArchiveError } from '../errors.js';
import { escapeText } from '../lib/escape.js';
import { readChunks } from '../lib/read-chunks.js';
import { type EventList, readEventList } from '../restore/event-list.js';
import type { Io } from './io.js';
import { namedFiles } from './named-files.js';
import type { RestoreOptions } from './restore-options.js';

/** The list of `--from-list`, if any. Throws USAGE for a list that cannot be read, and when files are named, too. */
export async function readList({ fromList, files }: RestoreOptions, { cwd }: Io): Promise<EventList | undefined> {
  if (fromList === undefined) return undefined;
  if (files.length > 0) {
    throw new TtlArchiveError('USAGE', '--from-list selects items of the archive, and files were named, too.', {
      remedy: 'Give either a list or files.',
    });
  }
  if (fromList === '-') return readEventList(createReadStream('', { fd: 0 }), 'stdin');
  const [path = ''] = await namedFiles([fromList], cwd);
  return readEventList(readChunks(nodeDisk, path), escapeText(fromList));
}
