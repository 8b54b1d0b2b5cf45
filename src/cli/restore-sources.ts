import { createReadStream } from 'node:fs';
import { TtlArchiveError } from '../errors.js';
import { escapeText } from '../lib/escape.js';
import type { Log } from '../ports/index.js';
import type { ArchiveToRead, Damage } from '../reading/archive-to-read.js';
import { rejectPlain } from '../reading/restore-target.js';
import { externalSource, type JournalSource } from '../restore/candidates.js';
import type { EventList } from '../restore/event-list.js';
import { readExternalItems } from '../restore/external-items.js';
import { parseKey } from '../restore/key-text.js';
import type { RestoreSource } from '../restore/restore-input.js';
import type { Io } from './io.js';
import { type NamedSource, namedSources } from './named-sources.js';
import { verifyNext } from './next-commands.js';
import { counted } from './numbers.js';
import type { RestoreOptions } from './restore-options.js';

interface Request {
  readonly archive: ArchiveToRead | undefined;
  readonly keyNames: readonly string[];
  readonly options: RestoreOptions;
  /** Of `--from-list`. */
  readonly events: EventList | undefined;
  readonly io: Io;
  readonly log: Log;
}

/**
 * The sources of the items: the archive's journal (also for named files that it lists, whose bytes are checked), other
 * files, or stdin. Throws USAGE for options that exclude each other, and TABLE for an archive that cannot be restored.
 */
export async function restoreSources(request: Request): Promise<RestoreSource[]> {
  const { options, keyNames, archive } = request;
  const { versions, key } = selection(request);
  if (options.files.includes('-')) {
    if (options.files.length > 1) throw usage('"-" stands for stdin and goes with no other file.');
    rejectTimes(options, 'Items on stdin');
    const items = () => readExternalItems(createReadStream('', { fd: 0 }), { name: 'stdin', keyNames });
    // Stdin can be read only once, so a later version replaces an earlier one that this run has put.
    return [{ source: await externalSource(items, { keyNames, versions: 'all', key }), versions: 'all' }];
  }
  if (options.files.length === 0 && archive !== undefined) {
    return [{ source: await fromArchive(archive, request, undefined), versions }];
  }

  const files = await namedSources(request);
  const inside = new Map(files.flatMap((file) => (file.inside === undefined ? [] : [[file.inside, file]])));
  const sources: RestoreSource[] = [];
  const listed = new Set<NamedSource>();
  if (archive !== undefined && inside.size > 0) {
    const source = await fromArchive(archive, request, new Set(inside.keys()));
    for (const file of files) if (file.inside !== undefined && source.found.has(file.inside)) listed.add(file);
    if (listed.size > 0) sources.push({ source, versions });
  }
  const others = files.filter((file) => !listed.has(file));
  if (others.length === 0) return sources;
  reportUnlisted(others.filter((file) => file.inside !== undefined).length, request);
  rejectTimes(options, 'Items in files outside the archive');
  const items = async function* () {
    for (const file of others) yield* readExternalItems(file.read(), { name: file.name, keyNames });
  };
  return [...sources, { source: await externalSource(items, { keyNames, versions, key }), versions }];
}

function selection({ options, keyNames }: Request) {
  return {
    versions: options.allVersions === true ? 'all' : 'newest',
    key: options.key === undefined ? undefined : parseKey(options.key, keyNames),
  } as const;
}

/** Warns of files in the archive folder whose content cannot be checked; with --strict throws NOT_VERIFIED. */
function reportUnlisted(files: number, { options, log }: Request): void {
  if (files === 0) return;
  if (options.strict === true) {
    const message = `${counted(files, 'file')} of those named lie in the archive, and its journal does not list them.`;
    throw notVerified(message, 'Leave --strict out to restore them unchecked, or see which they are:', options);
  }
  log.warn(
    { event: 'restore.unlisted-files', files },
    'files in the archive folder that the journal does not list: their content is not checked',
  );
}

async function fromArchive(
  archive: ArchiveToRead,
  request: Request,
  files: ReadonlySet<string> | undefined,
): Promise<JournalSource> {
  const { options, keyNames, events, log } = request;
  rejectPlain(archive, options.out);
  const { since, until } = options;
  const onDamage = ({ file, number, problem }: Damage): void => {
    if (number === undefined) log.warn({ event: 'manifest.damaged', file, problem }, 'a manifest is damaged');
    else log.warn({ event: 'journal.damaged', file, line: number, problem }, 'the journal is damaged');
    if (options.strict !== true) return;
    const what = number === undefined ? 'A manifest' : 'The journal';
    const message = `${what} of the archive in ${escapeText(options.out)} is damaged.`;
    throw notVerified(message, 'Leave --strict out to restore what can be read, or see what is damaged:', options);
  };
  return archive.source({ ...selection(request), since, until, files, events }, { keyNames, onDamage });
}

function rejectTimes({ since, until }: RestoreOptions, what: string): void {
  if (since === undefined && until === undefined) return;
  throw usage(`${what} do not say when they were deleted: --since and --until cannot be used.`);
}

function usage(message: string): TtlArchiveError {
  return new TtlArchiveError('USAGE', message, { remedy: 'Run "ttl-archive restore --help" to see what it takes.' });
}

function notVerified(message: string, remedy: string, { out }: RestoreOptions): TtlArchiveError {
  return new TtlArchiveError('NOT_VERIFIED', message, { remedy, commands: [verifyNext(out)] });
}
