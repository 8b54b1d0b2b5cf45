import type { DeletionRule } from '../archive/deletion.js';
import { itemOf } from '../lambda/sort-event.js';
import { isObject } from '../lib/json-checks.js';
import type { ArchivedItem, ObjectStorage } from '../ports/index.js';
import { writeObjects } from '../store/object-writer.js';
import type { FailedBatch } from './failed-batch.js';
import { type FailedObject, type FailedPlace, failedObjects } from './failed-batches.js';
import { createReceipt } from './receipts.js';

export interface ReplayTotals {
  /** Batches all of whose records are archived or not to be archived. */
  batches: number;
  archived: number;
  ignored: number;
  /** Replayed by an earlier run. */
  replayedBefore: number;
  /** Batches that are, in part or as a whole, not in the archive. */
  left: number;
  otherTables: number;
  /** Objects that no Lambda function has written. */
  unrelated: number;
}

/** A batch that stays in the on-failure destination, or a record of it. Its texts are untrusted. */
export interface LeftBatch {
  readonly key: string;
  readonly shardId?: string | undefined;
  /** Of the record; absent when the whole batch cannot be read. */
  readonly SequenceNumber?: string | undefined;
  readonly reason: string;
}

export interface ReplayContext {
  readonly failed: FailedPlace;
  readonly archive: ObjectStorage;
  readonly totals: ReplayTotals;
  readonly onLeft: (left: LeftBatch) => void;
  readonly signal: AbortSignal;
}

export interface ReplayOptions {
  /** Batches of other tables are left alone. */
  readonly table: string;
  readonly rule: DeletionRule;
  /** Archives and deletes nothing, only counts. */
  readonly dryRun?: boolean | undefined;
  /** Deletes what is archived from the on-failure destination. */
  readonly delete?: boolean | undefined;
}

export function newReplayTotals(): ReplayTotals {
  return { batches: 0, archived: 0, ignored: 0, replayedBefore: 0, left: 0, otherTables: 0, unrelated: 0 };
}

/**
 * Archives the batches that AWS Lambda gave up on, each once: a receipt in the archive says which are done. Killed anywhere,
 * it may be run again. Throws what the storages throw, and the signal's reason; the totals say what was done until then.
 */
export async function replay(context: ReplayContext, options: ReplayOptions): Promise<void> {
  const { failed, archive, totals, onLeft, signal } = context;
  for await (const object of failedObjects(failed, archive)) {
    signal.throwIfAborted();
    const { state, batch } = object;
    if (state === 'unrelated') totals.unrelated++;
    else if (state === 'replayed') {
      totals.replayedBefore++;
      // An earlier run may have ended between the receipt and the deletion.
      if (options.delete === true && options.dryRun !== true) await failed.storage.delete(object.name);
    } else if (batch === undefined) {
      totals.left++;
      onLeft({ key: object.key, reason: 'it is not the record of an invocation' });
    } else if (batch.table === options.table) await replayBatch(context, options, object, batch);
    else totals.otherTables++;
  }
}

async function replayBatch(
  { failed, archive, totals, onLeft }: ReplayContext,
  { table, rule, dryRun, delete: deletes }: ReplayOptions,
  object: FailedObject,
  { shardId, event }: FailedBatch,
): Promise<void> {
  const { key } = object;
  const records: unknown = isObject(event) ? event['Records'] : undefined;
  if (!Array.isArray(records) || records.length === 0) {
    totals.left++;
    onLeft({ key, shardId, reason: 'it does not hold the event, only where the event was in the stream' });
    return;
  }
  const { items, ignored, poison } = sortRecords(records, rule);
  if (dryRun !== true) await writeObjects(archive, items, { table });
  totals.archived += items.length;
  totals.ignored += ignored;
  for (const { SequenceNumber, reason } of poison) onLeft({ key, shardId, SequenceNumber, reason });
  if (poison.length > 0) {
    totals.left++;
    return;
  }
  totals.batches++;
  if (dryRun === true) return;
  await createReceipt(archive, object);
  if (deletes === true) await failed.storage.delete(object.name);
}

/** Unlike the handler, which must not go on behind a record that cannot be archived: Lambda has given up on all of them. */
function sortRecords(records: readonly unknown[], rule: DeletionRule) {
  const items: ArchivedItem[] = [];
  const poison: { readonly SequenceNumber: string | undefined; readonly reason: string }[] = [];
  let ignored = 0;
  for (const record of records) {
    const item = itemOf(record, rule);
    if (item === undefined) ignored++;
    else if ('reason' in item) poison.push(item);
    else items.push(item);
  }
  return { items, ignored, poison };
}
