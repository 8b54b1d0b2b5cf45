import { createReadStream } from 'node:fs';
import { relative } from 'node:path';
import { STATE_PREFIX } from '../archive/layout.js';
import { nodeDisk } from '../disk/node-disk.js';
import { TtlArchiveError } from '../errors.js';
import { escapeText } from '../lib/escape.js';
import type { Log } from '../ports/index.js';
import { externalSource, type JournalSource, journalSource } from '../restore/candidates.js';
import { createEntryReader } from '../restore/entry-reader.js';
import { readChunks, readExternalItems } from '../restore/external-items.js';
import { parseKey } from '../restore/key-text.js';
import type { RestoreSource } from '../restore/restore-input.js';
import type { ArchiveToRead } from './archive-to-read.js';
import type { Io } from './io.js';
import { namedFiles } from './named-files.js';
import { counted } from './numbers.js';
import type { RestoreOptions } from './restore-options.js';

interface Request {
  readonly archive: ArchiveToRead | undefined;
  readonly keyNames: readonly string[];
  readonly options: RestoreOptions;
  readonly io: Io;
  readonly log: Log;
}

/**
 * Where the items come from: the archive's journal (for named files that it lists, too: their bytes are checked),
 * other files, stdin. Throws USAGE for what does not go together and TABLE for an archive that cannot be restored.
 */
export async function restoreSources(request: Request): Promise<RestoreSource[]> {
  const { options, io, keyNames, archive, log } = request;
  const versions = options.allVersions === true ? 'all' : 'newest';
  const key = options.key === undefined ? undefined : parseKey(options.key, keyNames);
  if (options.files.includes('-')) {
    if (options.files.length > 1) throw usage('"-" stands for stdin and goes with no other file.');
    refuseTimes(options, 'Items on stdin');
    // Stdin can be read only once, so what comes later replaces what this very run has put.
    const source = await externalSource(
      () => readExternalItems(createReadStream('', { fd: 0 }), { name: 'stdin', keyNames }),
      {
        keyNames,
        versions: 'all',
        key,
      },
    );
    return [{ source, versions: 'all' }];
  }
  if (options.files.length === 0 && archive !== undefined) {
    return [{ source: await fromArchive(archive, request, undefined), versions }];
  }

  const paths = await namedFiles(options.files, io.cwd, ({ error }) =>
    log.warn({ event: 'restore.folder-skipped', reason: error.message }, 'a folder was passed over'),
  );
  const inside = new Map<string, string>();
  for (const path of paths) {
    const file = archive === undefined ? '..' : relative(archive.directory, path).replaceAll('\\', '/');
    if (!file.startsWith('..') && !file.startsWith(STATE_PREFIX)) inside.set(file, path);
  }
  const sources: RestoreSource[] = [];
  const listed = new Set<string>();
  if (archive !== undefined && inside.size > 0) {
    const source = await fromArchive(archive, request, new Set(inside.keys()));
    for (const file of source.found) listed.add(inside.get(file) ?? file);
    if (listed.size > 0) sources.push({ source, versions });
  }
  const others = paths.filter((path) => !listed.has(path));
  if (others.length === 0) return sources;
  warnOfUnlisted(others.filter((path) => [...inside.values()].includes(path)).length, request);
  refuseTimes(options, 'Items in files outside the archive');
  const again = async function* () {
    for (const path of others) {
      yield* readExternalItems(readChunks(nodeDisk, path), { name: relative(io.cwd, path), keyNames });
    }
  };
  return [...sources, { source: await externalSource(again, { keyNames, versions, key }), versions }];
}

/** They lie in the archive like its own files, and nothing vouches for what is in them. */
function warnOfUnlisted(files: number, { options, log }: Request): void {
  if (files === 0) return;
  if (options.strict !== true) {
    log.warn(
      { event: 'restore.unlisted-files', files },
      'files in the archive folder that the journal does not list: their content is not checked',
    );
    return;
  }
  throw new TtlArchiveError(
    'NOT_VERIFIED',
    `${counted(files, 'file')} of those named lie in the archive, and its journal does not list them.`,
    {
      remedy: 'Leave --strict out to restore them unchecked, or see which they are:',
      commands: [{ program: 'ttl-archive', args: ['verify', '--out', options.out] }],
    },
  );
}

async function fromArchive(
  archive: ArchiveToRead,
  { options, keyNames, log }: Request,
  files: ReadonlySet<string> | undefined,
): Promise<JournalSource> {
  refusePlain(archive, options.out);
  const key = options.key === undefined ? undefined : parseKey(options.key, keyNames);
  const { since, until } = options;
  const versions = options.allVersions === true ? 'all' : 'newest';
  return journalSource(
    {
      journal: archive.journal,
      read: createEntryReader(archive),
      keyNames,
      onProblem: ({ file, number, problem }) => {
        log.warn({ event: 'journal.damaged', file, line: number, problem }, 'the journal is damaged');
        if (options.strict !== true) return;
        throw new TtlArchiveError(
          'NOT_VERIFIED',
          `The journal of the archive in ${escapeText(options.out)} is damaged.`,
          {
            remedy: 'Leave --strict out to restore what can be read, or see what is damaged:',
            commands: [{ program: 'ttl-archive', args: ['verify', '--out', options.out] }],
          },
        );
      },
    },
    { versions, key, since, until, files },
  );
}

/** Throws TABLE for an archive whose items have lost their types. */
export function refusePlain({ facts }: ArchiveToRead, out: string): void {
  if (facts.format !== 'plain') return;
  throw new TtlArchiveError('TABLE', `The archive in ${escapeText(out)} has the format "plain".`, {
    remedy:
      'Its items have lost their types (sets, binary): only archives of the format item or record can be restored.',
  });
}

function refuseTimes({ since, until }: RestoreOptions, what: string): void {
  if (since === undefined && until === undefined) return;
  throw usage(`${what} do not say when they were deleted: --since and --until cannot be used.`);
}

function usage(message: string): TtlArchiveError {
  return new TtlArchiveError('USAGE', message, { remedy: 'Run "ttl-archive restore --help" to see what it takes.' });
}
