import type { DeletionRule } from '../archive/deletion.js';
import { TtlArchiveError } from '../errors.js';
import { isObject } from '../lib/json-checks.js';
import { parseStreamArn } from '../lib/table-arn.js';
import type { Log, ObjectStorage } from '../ports/index.js';
import { writeObjects } from '../store/object-writer.js';
import { sortEvent } from './sort-event.js';

export interface HandlerContext {
  readonly storage: ObjectStorage;
  readonly log: Log;
  /** Where Lambda puts what it gives up on, as an `s3://` URL: manifests say so. */
  readonly failed?: string | undefined;
}

/** What Lambda reads of the answer with `ReportBatchItemFailures`. */
export interface BatchResponse {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

export type Handler = (event: unknown) => Promise<BatchResponse>;

/**
 * The handler of an event source mapping with `ReportBatchItemFailures`. It acknowledges nothing that is not in S3 with
 * its manifest. When S3 fails, it throws: Lambda delivers the whole batch again. At a record that can never be archived it
 * archives what comes before, and reports that record alone: Lambda goes on there, and gives it to the on-failure
 * destination in the end. (Records behind it must not be acknowledged before it, so that nothing more is done with them.)
 */
export function createHandler({ storage, log, failed }: HandlerContext, rule: DeletionRule): Handler {
  return async (event) => {
    const { records, table } = recordsOf(event);
    const { items, ignored, poison } = sortEvent(records, rule);
    const { length: archived } = items;
    try {
      const { objects, repeated, bytes } = await writeObjects(storage, items, { table, failed });
      if (archived > 0) {
        log.info({ event: 'batch.archived', archived, ignored, objects, repeated, bytes }, 'archived a batch');
      } else log.debug({ event: 'batch.ignored', ignored }, 'nothing to archive in a batch');
    } catch (error) {
      const { code, message: reason } =
        error instanceof TtlArchiveError ? error : { code: 'INTERNAL', message: 'a bug' };
      log.error({ event: 'batch.failed', records: records.length, code, reason }, 'batch failed, Lambda will retry it');
      throw error;
    }
    if (poison === undefined) return { batchItemFailures: [] };
    const { SequenceNumber, reason } = poison;
    log.error({ event: 'record.rejected', SequenceNumber, reason }, 'a record cannot be archived');
    if (SequenceNumber === undefined) {
      throw new TtlArchiveError('VALIDATION', `A record without a SequenceNumber cannot be archived: ${reason}.`);
    }
    return { batchItemFailures: [{ itemIdentifier: SequenceNumber }] };
  };
}

/** The records of an event, which are all of one stream, and the name of its table. Throws VALIDATION for another event. */
function recordsOf(event: unknown): { readonly records: readonly unknown[]; readonly table: string } {
  const records: unknown = isObject(event) ? event['Records'] : undefined;
  if (Array.isArray(records)) {
    if (records.length === 0) return { records, table: '' };
    const arns = records.map((record: unknown) => (isObject(record) ? record['eventSourceARN'] : undefined));
    const table = parseStreamArn(String(arns.find(Boolean)));
    if (table !== undefined) return { records, table };
  }
  throw new TtlArchiveError('VALIDATION', 'The event is not one of DynamoDB Streams.', {
    remedy: 'Connect the function with the stream of a table by an event source mapping.',
  });
}
