import { randomUUID } from 'node:crypto';
import { TtlArchiveError } from '../errors.js';
import { quoted } from '../lib/escape.js';
import { forEachOf } from '../lib/task-pool.js';
import type { TableDescription, WireItem } from '../ports/index.js';
import { expiringItem } from './expiring-item.js';
import { setupCommand } from './setup-command.js';
import type { TableContext } from './wait-for-table.js';
import { ttlIsOff } from './why-not-archivable.js';

export interface PutItem {
  readonly key: WireItem;
  /** Expiry time: epoch seconds. */
  readonly ttl: number;
}

export interface GoneItem extends PutItem {
  /** Milliseconds from the end of the put to the first GetItem that did not find it. */
  readonly goneAfterMs: number;
}

export interface PutAndWaitContext extends TableContext {
  /** Default: crypto.randomUUID. */
  readonly uuid?: () => string;
  readonly onPut?: (item: PutItem) => void;
  /** Called after each round of GetItem calls. */
  readonly onPoll?: (progress: { readonly left: number; readonly elapsedMs: number }) => void;
  readonly onGone?: (item: GoneItem) => void;
}

export interface PutAndWaitOptions {
  readonly table: string;
  readonly count: number;
  /** Seconds until the items expire. */
  readonly ttlSeconds: number;
  readonly intervalMs: number;
  /** From the start. Default: none; on AWS a deletion may take days. */
  readonly timeoutMs?: number;
}

const CALLS_IN_FLIGHT = 16;

/**
 * Puts items that expire soon, then polls them until all are gone. Returns them in the order in which they went.
 * Throws TABLE when the table's TTL is off, and TIMEOUT.
 */
export async function putAndWait(context: PutAndWaitContext, options: PutAndWaitOptions): Promise<GoneItem[]> {
  const { clock, signal } = context;
  const startedAt = clock.now();
  const waiting = await putAll(context, options);
  const gone: GoneItem[] = [];
  for (;;) {
    await forEachOf([...waiting.keys()], CALLS_IN_FLIGHT, async (item) => {
      if ((await context.tables.getItem({ TableName: options.table, key: item.key }, signal)) !== undefined) return;
      const goneItem = { ...item, goneAfterMs: clock.now() - (waiting.get(item) ?? startedAt) };
      waiting.delete(item);
      gone.push(goneItem);
      context.onGone?.(goneItem);
    });
    const elapsedMs = clock.now() - startedAt;
    context.onPoll?.({ left: waiting.size, elapsedMs });
    if (waiting.size === 0) return gone;
    const remainingMs = (options.timeoutMs ?? Number.POSITIVE_INFINITY) - elapsedMs;
    if (remainingMs <= 0) throw timedOut(options, waiting.size);
    await clock.sleep(Math.min(options.intervalMs, remainingMs), signal);
    signal?.throwIfAborted();
  }
}

/** Puts the items; returns each with the time of its put. */
async function putAll(context: PutAndWaitContext, options: PutAndWaitOptions): Promise<Map<PutItem, number>> {
  const { tables, clock, signal, uuid = randomUUID } = context;
  const TableName = options.table;
  const description = await tables.describeTable(TableName, signal);
  const timeToLive = await tables.describeTimeToLive(TableName, signal);
  const { attribute } = timeToLive;
  if (attribute === undefined || ttlIsOff(timeToLive)) throw ttlOff(TableName);
  const put = new Map<PutItem, number>();
  await forEachOf([...Array(options.count).keys()], CALLS_IN_FLIGHT, async (index) => {
    const ttl = Math.floor(clock.now() / 1000 + options.ttlSeconds) + (isWholeKey(description, attribute) ? index : 0);
    const { key, item } = expiringItem(description, attribute, { id: uuid(), ttl });
    await tables.putItem({ TableName, item }, signal);
    put.set({ key, ttl }, clock.now());
    context.onPut?.({ key, ttl });
  });
  return put;
}

/** Then each item needs a different expiry time. */
function isWholeKey({ keySchema }: TableDescription, attribute: string): boolean {
  return keySchema.every(({ name }) => name === attribute);
}

function ttlOff(table: string): TtlArchiveError {
  return new TtlArchiveError('TABLE', `TTL is off on table ${quoted(table)}, so its items never expire.`, {
    remedy: 'Switch it on:',
    commands: [setupCommand(table)],
  });
}

function timedOut({ count, timeoutMs, table }: PutAndWaitOptions, left: number): TtlArchiveError {
  const items = count === 1 ? '1 item' : `${left} of ${count} items`;
  const seconds = (timeoutMs ?? 0) / 1000;
  return new TtlArchiveError('TIMEOUT', `Timed out after ${seconds}s: ${items} still in table ${quoted(table)}.`, {
    remedy: 'Give a longer --timeout, or none: on AWS an expired item is typically deleted within a few days.',
  });
}
