import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withoutAttribute } from '../archive/item-text.js';
import { createTablesClient } from '../aws/tables-client.js';
import { removeFolder } from '../disk/remove-folder.js';
import { TtlArchiveError } from '../errors.js';
import { toJsonLine } from '../lib/escape.js';
import { systemClock } from '../lib/system-clock.js';
import { startDynamoDbLocal } from '../local/dynamodb-local.js';
import { temporaryFolder } from '../local/temporary-folder.js';
import type { ItemEntry, TablesClient, WireItem } from '../ports/index.js';
import { setUpTable } from '../table/set-up-table.js';
import { tearDownTable } from '../table/tear-down-table.js';
import { watch } from '../watch/watch.js';
import type { LogOptions } from './command.js';
import { narrator, textOf } from './demo-narrator.js';
import type { Io } from './io.js';
import { createLiveLine, type LiveLine } from './status-line.js';
import { ignoredText } from './watch-text.js';
import { terminalWidthOf } from './wrap.js';

const TABLE = 'TTLTest';
const ITEMS = 3;
/** Seconds until the items expire. DynamoDB Local deletes expired items every 10 s. */
const LIFETIME = 5;
/** Milliseconds. */
const ARCHIVE_TIMEOUT = 45_000;

/** Runs `demo`. Throws INTERNAL when a step did not do what it says. */
export async function runDemo(_options: LogOptions, realIo: Io): Promise<void> {
  const liveLine = createLiveLine(realIo);
  const { io } = liveLine;
  const say = (text: string) => io.stdout.write(textOf(text, terminalWidthOf(io.stdout)));
  const out = await temporaryFolder('ttl-archive-demo-');
  try {
    say('1. Starting DynamoDB Local, in memory, on a free port.');
    const local = await startDynamoDbLocal({ signal: io.signal });
    const tables = createTablesClient({ endpointUrl: local.endpointUrl });
    try {
      await exercise({ io, liveLine, say, out, tables, endpointUrl: local.endpointUrl });
    } finally {
      tables.close();
      await local.stop();
    }
  } finally {
    await removeFolder(out);
  }
  say('8. Cleaned up: no table, no process and no file is left.');
}

interface Stage {
  readonly io: Io;
  readonly liveLine: LiveLine;
  readonly say: (text: string) => void;
  readonly out: string;
  readonly tables: TablesClient;
  readonly endpointUrl: string;
}

async function exercise({ io, liveLine, say, out, tables, endpointUrl }: Stage): Promise<void> {
  const { signal } = io;
  say(`2. Setting up the table ${TABLE}: TTL attribute "ttl", stream with OLD_IMAGE.`);
  await setUpTable(
    { tables, clock: systemClock, signal },
    { table: TABLE, ttlAttribute: 'ttl', viewType: 'OLD_IMAGE' },
  );

  say('3. Starting the archiver.');
  const stop = new AbortController();
  const archived: ItemEntry[] = [];
  const enough = new AbortController();
  const watching = watch(
    {
      table: TABLE,
      out,
      connection: { endpointUrl },
      signal: AbortSignal.any([signal, stop.signal]),
      onArchived: (items) => {
        archived.push(...items);
        if (archived.length >= ITEMS) enough.abort();
      },
    },
    { log: narrator(say) },
  );
  try {
    say(`4. Putting ${ITEMS} items that expire in ${LIFETIME} seconds, and one that is deleted by hand.`);
    const originals = await putItems(tables, signal);
    say('5. Waiting for TTL to delete them.');
    const since = systemClock.now();
    liveLine.start(() => {
      const seconds = Math.floor((systemClock.now() - since) / 1000);
      return `     ${archived.length} of ${ITEMS} archived, ${seconds}s`;
    });
    const waiting = AbortSignal.any([signal, stop.signal, enough.signal]);
    await Promise.race([watching.done, systemClock.sleep(ARCHIVE_TIMEOUT, waiting)]);
    signal.throwIfAborted();
    // Wait for the deletion by hand, too.
    for (let tries = 0; watching.progress().ignored.remove === 0 && tries < 100; tries++) {
      await systemClock.sleep(100, signal);
    }
    stop.abort();
    const { ignored } = await watching.done;
    liveLine.stop();
    if (archived.length !== ITEMS || ignored.remove !== 1) {
      throw new TtlArchiveError('INTERNAL', `Archived ${archived.length} items instead of ${ITEMS}.`, {
        remedy: 'Run the demo again; if it fails again, report it.',
      });
    }
    say(`     ignored: ${ignoredText(ignored)}`);
    say(`6. Archived ${ITEMS} items, one file each; not the one deleted by hand:`);
    for (const { file } of archived) {
      const text = await readFile(join(out, file), 'utf8');
      say(`     ${file}\n       ${text.trimEnd()}`);
    }
    await restoreOne(tables, archived, { out, originals, say, signal });
  } finally {
    liveLine.stop();
    stop.abort();
    await watching.done.catch(() => undefined);
    await tearDownTable({ tables, clock: systemClock }, TABLE);
  }
}

async function putItems(tables: TablesClient, signal: AbortSignal): Promise<WireItem[]> {
  const ttl = String(Math.floor(systemClock.now() / 1000) + LIFETIME);
  const items = Array.from(
    { length: ITEMS },
    (_, index): WireItem => ({
      PK: { S: `session-${index + 1}` },
      ttl: { N: ttl },
      visits: { N: String(index * 7 + 1) },
    }),
  );
  for (const item of items) await tables.putItem({ TableName: TABLE, item }, signal);
  const byHand = { PK: { S: 'deleted-by-hand' } };
  await tables.putItem({ TableName: TABLE, item: byHand }, signal);
  await tables.deleteItem({ TableName: TABLE, key: byHand }, signal);
  return items;
}

async function restoreOne(
  tables: TablesClient,
  archived: readonly ItemEntry[],
  { out, originals, say, signal }: Pick<Stage, 'out' | 'say'> & { originals: readonly WireItem[]; signal: AbortSignal },
): Promise<void> {
  const [first] = archived;
  if (first === undefined) return;
  const archivedItem: WireItem = JSON.parse(await readFile(join(out, first.file), 'utf8'));
  const item = withoutAttribute(archivedItem, 'ttl');
  await tables.putItem({ TableName: TABLE, item, ifAbsent: Object.keys(first.Keys) }, signal);
  const found = await tables.getItem({ TableName: TABLE, key: first.Keys }, signal);
  const original = originals.find(({ PK }) => PK?.['S'] === first.Keys['PK']?.['S']);
  if (JSON.stringify(sorted(found)) !== JSON.stringify(sorted(original && withoutAttribute(original, 'ttl')))) {
    throw new TtlArchiveError('INTERNAL', 'The restored item is not the item that was put.', {
      remedy: 'Report this: an archived item was changed.',
    });
  }
  say('7. Restored one of them, without the expiry time that it is past:');
  say(`       ${toJsonLine(found).trimEnd()}`);
}

function sorted(item: WireItem | undefined): [string, unknown][] {
  return Object.entries(item ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
}
