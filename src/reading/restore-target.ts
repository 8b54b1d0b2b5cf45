import { hasCode, TtlArchiveError } from '../errors.js';
import { escapeText, quoted } from '../lib/escape.js';
import type { KeyAttribute, Log, TableDescription, TablesClient } from '../ports/index.js';
import { formatKeySchema } from '../table/key-schema.js';
import type { ArchiveToRead } from './archive-to-read.js';

interface Target {
  readonly tables: TablesClient;
  readonly table: string;
  readonly signal: AbortSignal;
  readonly archive: ArchiveToRead | undefined;
}

/** Describes the target table. When it is missing, the error says how to create it with the archive's key. */
export async function describeTarget({ tables, table, signal, archive }: Target): Promise<TableDescription> {
  try {
    return await tables.describeTable(table, signal);
  } catch (error) {
    const keySchema =
      hasCode(error, 'TABLE_NOT_FOUND') && archive !== undefined ? await keySchemaOf(archive) : undefined;
    if (keySchema === undefined) throw error;
    throw new TtlArchiveError('TABLE_NOT_FOUND', `There is no table ${quoted(table)} to restore into.`, {
      remedy: "Check --table, --region and --endpoint-url, or create it with the archive's key:",
      commands: [
        { program: 'ttl-archive', args: ['setup', '--table', table, '--key-schema', formatKeySchema(keySchema)] },
      ],
      cause: error,
    });
  }
}

/** Throws TABLE, once instead of for each item, when the table's key differs from the archived items'. */
export async function checkKey(archive: ArchiveToRead, { TableName, keySchema }: TableDescription): Promise<void> {
  const key = await archive.firstKey();
  if (key === undefined) return;
  const fits = keySchema.every(({ name, type }) => Object.hasOwn(key, name) && Object.hasOwn(key[name] ?? {}, type));
  if (fits && keySchema.length === Object.keys(key).length) return;
  const archived = Object.entries(key).map(([name, value]) => `${name}:${Object.keys(value).join()}`);
  throw new TtlArchiveError(
    'TABLE',
    `Table ${quoted(TableName)} has the key ${quoted(formatKeySchema(keySchema))}, and the archived items have ${quoted(archived.join(','))}.`,
    { remedy: 'Choose a table with the same key attributes, with --table.' },
  );
}

/** Throws TABLE for an archive whose items have lost their types. */
export function rejectPlain({ facts }: ArchiveToRead, out: string): void {
  if (facts.format !== 'plain') return;
  throw new TtlArchiveError('TABLE', `The archive in ${escapeText(out)} has the format "plain".`, {
    remedy:
      'Its items have lost their types (sets, binary): only archives of the format item or record can be restored.',
  });
}

/** The TTL attribute of the table, else of the archived table. */
export async function ttlAttributeOf({
  tables,
  table,
  archive,
  log,
  signal,
}: Target & { readonly log: Log }): Promise<string | undefined> {
  const archived = archive?.facts.ttlAttribute;
  try {
    const { status, attribute } = await tables.describeTimeToLive(table, signal);
    return status === 'ENABLED' || status === 'ENABLING' ? attribute : archived;
  } catch (error) {
    if (!hasCode(error, 'ACCESS_DENIED') || archived === undefined) throw error;
    log.warn(
      { event: 'restore.ttl-not-described', attribute: archived },
      'DescribeTimeToLive is not permitted, taking the archived table’s TTL attribute',
    );
    return archived;
  }
}

/** The key schema of the archived table: from `archive.json`, else from the first item if it has one key attribute. */
async function keySchemaOf(archive: ArchiveToRead): Promise<readonly KeyAttribute[] | undefined> {
  if (archive.facts.keySchema !== undefined) return archive.facts.keySchema;
  const [[name, value] = ['', {}], ...others] = Object.entries((await archive.firstKey()) ?? {});
  const [type] = Object.keys(value);
  // The order of two does not say which is the hash key.
  if (others.length > 0 || (type !== 'S' && type !== 'N' && type !== 'B')) return undefined;
  return [{ name, keyType: 'HASH', type }];
}
