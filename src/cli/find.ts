import { TtlArchiveError } from '../errors.js';
import type { ItemEntry } from '../ports/index.js';
import type { ArchiveToRead } from '../reading/archive-to-read.js';
import { chooseArchive } from '../reading/choose-archive.js';
import { openArchiveToRead } from '../reading/open-archive.js';
import { parseKey } from '../restore/key-text.js';
import type { Window } from '../restore/window.js';
import { createPrinter } from './entry-printer.js';
import type { Io } from './io.js';
import { verifyNext } from './next-commands.js';
import { showProgress } from './progress-fields.js';
import type { S3Options } from './s3-options.js';
import { createLiveLine } from './status-line.js';
import { checkWindow, type WindowOptions } from './window-options.js';

export interface FindOptions extends S3Options, WindowOptions {
  readonly key?: string;
  readonly table?: string;
  readonly out: string;
  readonly expired?: boolean;
  readonly latest?: boolean;
  readonly show?: boolean;
  readonly json?: boolean;
  readonly count?: boolean;
}

type OnDamage = (error: TtlArchiveError) => void;

/**
 * Runs `find`. Throws NOT_VERIFIED when an item to be shown is missing or altered, and JOURNAL, after everything that was
 * found, when a manifest is damaged.
 */
export async function runFind(options: FindOptions, realIo: Io): Promise<void> {
  checkOptions(options);
  const liveLine = createLiveLine(realIo);
  let found = 0;
  showProgress(liveLine, () => ({ done: found, total: undefined, verb: 'found' }));
  try {
    await findAndPrint(options, liveLine.io, (items) => {
      found += items;
    });
  } finally {
    liveLine.stop();
  }
}

async function findAndPrint(given: FindOptions, io: Io, onFound: (items: number) => void): Promise<void> {
  const options = { ...given, out: await chooseArchive(given, given, io) };
  const archive = await openArchiveToRead(options.out, options, io);
  let damage: TtlArchiveError | undefined;
  const onDamage = (error: TtlArchiveError): void => {
    damage ??= error;
  };
  if (options.count === true) {
    let count = 0;
    for await (const items of countItems(archive, options, onDamage)) {
      io.signal.throwIfAborted();
      count += items;
      onFound(items);
    }
    io.stdout.write(`${count}\n`);
    if (damage !== undefined) throw damage;
    return;
  }
  const print = createPrinter(archive, options, io);
  let isEmpty = true;
  for await (const batch of await find(archive, options, onDamage)) {
    io.signal.throwIfAborted();
    onFound(batch.length);
    for (const entry of batch) {
      isEmpty = false;
      await io.stdout.drained?.();
      io.signal.throwIfAborted();
      await print.entry(entry);
    }
  }
  if (isEmpty) print.nothing();
  if (damage !== undefined) throw damage;
  if (print.unreadable === 0) return;
  throw new TtlArchiveError('NOT_VERIFIED', `${print.unreadable} of the archived versions cannot be shown.`, {
    remedy: 'See everything that is missing or altered:',
    commands: [verifyNext(options.out)],
  });
}

function checkOptions(options: FindOptions): void {
  const { key, since, until, expired, latest } = options;
  checkWindow(options);
  const hasWindow = since !== undefined || until !== undefined;
  const missing =
    key === undefined && !hasWindow
      ? 'Neither a key nor a time says what to find.'
      : expired === true && !hasWindow
        ? '--expired needs --since or --until.'
        : latest === true && key === undefined
          ? '--latest needs --key.'
          : undefined;
  if (missing === undefined) return;
  throw new TtlArchiveError('USAGE', missing, {
    remedy: 'Give --key, or a time like --since 2026-11-24T10:00 --until 2026-11-24T11:00.',
  });
}

async function find(
  archive: ArchiveToRead,
  options: FindOptions,
  onDamage: OnDamage,
): Promise<AsyncIterable<readonly ItemEntry[]> | readonly (readonly ItemEntry[])[]> {
  const { key, latest } = options;
  const window = windowOf(options);
  if (key === undefined) return archive.items(window, onDamage);
  const names = key.trimStart().startsWith('{') ? {} : await archive.firstKey();
  if (names === undefined) return [];
  const versions = await archive.versions(parseKey(key, Object.keys(names)), window, onDamage);
  return [latest === true ? versions.slice(-1) : versions];
}

async function* countItems(archive: ArchiveToRead, options: FindOptions, onDamage: OnDamage): AsyncGenerator<number> {
  if (options.key === undefined) yield* archive.count(windowOf(options), onDamage);
  else for await (const batch of await find(archive, options, onDamage)) yield batch.length;
}

function windowOf({ since, until, expired }: FindOptions): Window {
  return { since, until, by: expired === true ? 'expired' : 'deleted' };
}
