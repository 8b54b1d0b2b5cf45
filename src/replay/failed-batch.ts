import { isLength, isObject, isText } from '../lib/json-checks.js';
import { parseJson } from '../lib/parse-json.js';
import { parseStreamArn } from '../lib/table-arn.js';

/** A batch that AWS Lambda gave up on. Its texts are as untrusted as the bucket. */
export interface FailedBatch {
  readonly table: string;
  readonly shardId: string;
  readonly startSequenceNumber: string;
  readonly endSequenceNumber: string;
  /** ISO 8601; empty when the record does not say. */
  readonly firstAt: string;
  readonly lastAt: string;
  /** Records. */
  readonly records: number;
  /** The event; undefined when the record does not have it, as those for SQS and SNS. */
  readonly event: unknown;
}

/**
 * What AWS Lambda has put into the on-failure destination of an event source mapping: in S3 that is the whole invocation
 * record (AWS: Retain discarded records for a DynamoDB event source in Lambda). `payload` is the event as text; an object
 * is taken, too. Undefined for anything else.
 */
export function parseFailedBatch(content: Buffer): FailedBatch | undefined {
  const parsed = parseJson(content.toString('utf8'));
  if ('problem' in parsed || !isObject(parsed.value)) return undefined;
  const { DDBStreamBatchInfo: info, payload } = parsed.value;
  if (!isObject(info)) return undefined;
  const { shardId, startSequenceNumber, endSequenceNumber, streamArn, batchSize } = info;
  const table = isText(streamArn) ? parseStreamArn(streamArn) : undefined;
  if (table === undefined || !isText(shardId)) return undefined;
  return {
    table,
    shardId,
    startSequenceNumber: textOf(startSequenceNumber),
    endSequenceNumber: textOf(endSequenceNumber),
    firstAt: textOf(info['approximateArrivalOfFirstRecord']),
    lastAt: textOf(info['approximateArrivalOfLastRecord']),
    records: isLength(batchSize) ? batchSize : 0,
    event: isText(payload) ? eventOf(payload) : payload,
  };
}

function textOf(value: unknown): string {
  return isText(value) ? value : '';
}

function eventOf(payload: string): unknown {
  const parsed = parseJson(payload);
  return 'problem' in parsed ? undefined : parsed.value;
}
