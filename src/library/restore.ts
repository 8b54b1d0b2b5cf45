import { createTablesClient } from '../aws/tables-client.js';
import { TtlArchiveError } from '../errors.js';
import { SILENT_LOG } from '../lib/silent-log.js';
import { systemClock } from '../lib/system-clock.js';
import type { Log, WireItem } from '../ports/index.js';
import type { Damage } from '../reading/archive-to-read.js';
import { openArchiveToRead } from '../reading/open-archive.js';
import { checkKey, describeTarget, rejectPlain, ttlAttributeOf } from '../reading/restore-target.js';
import { parseKey } from '../restore/key-text.js';
import { restoreItems } from '../restore/restore.js';
import type { FailedItem, RestoreCounts } from '../restore/restore-counts.js';
import type { TtlRule } from '../restore/restore-ttl.js';
import { type ArchiveOptions, placeOf, type TimeOptions, windowOf } from './archive-options.js';
import { connectionTo } from './connect.js';
import { READING_NAMES, renamedLog, renameOptions, withNames } from './option-names.js';

/** `since` and `until` compare the time of the deletion. */
export interface RestoreOptions extends ArchiveOptions, TimeOptions {
  /** Name or ARN of the table to restore into. Default: the archived table. */
  readonly table?: string | undefined;
  /** Only this key, in DynamoDB JSON like `{ PK: { S: 'x' } }`; may leave out the sort key. */
  readonly key?: WireItem | undefined;
  /** Put every version of a key, in order, and not only the newest. */
  readonly allVersions?: boolean | undefined;
  /** Replace items that are in the table. */
  readonly overwrite?: boolean | undefined;
  /** The TTL attribute of restored items: `drop` (default), `keep`, or so many milliseconds from now. */
  readonly ttl?: TtlRule | undefined;
  /** Check the items and the table, and put nothing. */
  readonly dryRun?: boolean | undefined;
  /** Maximum puts per second; default: as fast as the table takes them. */
  readonly rate?: number | undefined;
  /** Maximum puts in flight (16). */
  readonly concurrency?: number | undefined;
  readonly log?: Log | undefined;
  /** Called for each item that could not be restored. Its texts come from the archive: escape them before printing. */
  readonly onFailed?: ((failed: FailedItem) => unknown) | undefined;
}

export interface RestoreResult extends RestoreCounts {
  /** The table that was restored into. */
  readonly table: string;
  /** The signal aborted before everything was restored. */
  readonly interrupted: boolean;
  /** Lines of the journal, or manifests, that cannot be read: their items are not restored. */
  readonly damaged: number;
}

/**
 * Puts archived items back into a table. An item in the table is replaced only with `overwrite`. Running it again leads to
 * the same state. Items that fail are counted (`failed`), and the others continue; an abort ends it early (`interrupted`).
 *
 * Throws TABLE when there is no archive, or a table with another key, TABLE_NOT_FOUND, ACCESS_DENIED and others.
 */
export async function restore(options: RestoreOptions): Promise<RestoreResult> {
  return withNames(READING_NAMES, () => restoreArchived(options));
}

async function restoreArchived(options: RestoreOptions): Promise<RestoreResult> {
  const { key, ttl = 'drop', concurrency = 16, overwrite = false, dryRun = false, allVersions = false } = options;
  const { rate, onFailed } = options;
  const log = renamedLog(options.log ?? SILENT_LOG, READING_NAMES);
  const window = windowOf(options);
  const query = key && parseKey(JSON.stringify(key), []);
  const { out, reach, context } = placeOf(options);
  const { signal } = context;
  const archive = await openArchiveToRead(out, reach, context);
  rejectPlain(archive, out);
  const name = options.table ?? archive.facts.table;
  const tables = createTablesClient(connectionTo(name, options.connection), { maxSockets: concurrency });
  let counts: RestoreCounts = { restored: 0, skipped: 0, failed: 0, expired: 0 };
  let damaged = 0;
  const onDamage = ({ file, number, problem }: Damage): void => {
    damaged++;
    if (number === undefined) log.warn({ event: 'manifest.damaged', file, problem }, 'a manifest is damaged');
    else log.warn({ event: 'journal.damaged', file, line: number, problem }, 'the journal is damaged');
  };
  let interrupted = false;
  try {
    const target = { tables, table: name, signal, archive, log };
    const table = await describeTarget(target);
    await checkKey(archive, table);
    const attribute = await ttlAttributeOf(target);
    if (typeof ttl === 'number' && attribute === undefined) throw noTtlAttribute(table.TableName);
    const keyNames = table.keySchema.map((each) => each.name);
    const versions = allVersions ? 'all' : 'newest';
    const source = await archive.source({ ...window, versions, key: query }, { keyNames, onDamage });
    await restoreItems({
      client: tables,
      table,
      sources: [{ source, versions }],
      ttl: { rule: ttl, attribute },
      overwrite,
      dryRun,
      rate,
      concurrency,
      clock: systemClock,
      random: Math.random,
      signal,
      onFailed: async ({ reason, ...failed }) =>
        void (await onFailed?.({ ...failed, reason: renameOptions(reason, READING_NAMES) })),
      onProgress: (now) => {
        counts = { ...now };
      },
    });
  } catch (error) {
    if (!signal.aborted) throw error;
    interrupted = true;
  } finally {
    tables.close();
  }
  return { ...counts, table: name, interrupted, damaged };
}

function noTtlAttribute(table: string): TtlArchiveError {
  return new TtlArchiveError('TABLE', `Table ${JSON.stringify(table)} has no TTL attribute to set.`, {
    remedy: 'Enable TTL on the table first, or leave `ttl` out.',
  });
}
