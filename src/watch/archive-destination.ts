import { stateFolder } from '../archive/layout.js';
import { readArchiveFile } from '../journal/archive-file.js';
import { openJournal } from '../journal/open-journal.js';
import type { CreateDestination, Known } from './destination.js';
import { openArchive } from './open-archive.js';
import { openUpload } from './open-upload.js';
import type { WatchRunOptions } from './options.js';
import { pageArchiver } from './page-archiver.js';
import type { RunContext } from './run-context.js';
import { refuseArchivesInside } from './table-folder.js';

/** The archive folder, and the place in S3 that it is uploaded to. */
export function archiveDestination(options: WatchRunOptions): CreateDestination {
  return async (context) => {
    const upload = await openUpload(options, context);
    return {
      known: () => knownInFolder(context, options.out),
      async open({ TableName: table, ttlAttribute, keySchema }, progress) {
        const settings = { ...options, table, ttlAttribute, keySchema, upload };
        const lock = { signal: context.signal, progress: () => progress.lockProgress() };
        await refuseArchivesInside(context.disk, options.out);
        const archive = await openArchive(context, settings, lock);
        return {
          ...archive,
          pages: (page, pageOptions) => pageArchiver({ ...page, ...archive }, { ...options, ...pageOptions }),
        };
      },
    };
  };
}

/** Does not change the folder: there is none of a table that never existed, and none must be created. */
export async function knownInFolder(
  { disk, clock, log }: Pick<RunContext, 'disk' | 'clock' | 'log'>,
  out: string,
): Promise<Known | undefined> {
  const directory = stateFolder(out);
  const facts = await readArchiveFile({ disk }, directory);
  if (facts === undefined) return undefined;
  const { state } = await openJournal({ disk, clock, log }, { directory, readOnly: true });
  return { facts, state };
}
