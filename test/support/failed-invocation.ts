import { STREAM_ARN } from './lambda-event.js';

interface FailedInvocation {
  readonly records: readonly unknown[];
  /** Distinguishes the objects. */
  readonly id: string;
  readonly shardId?: string;
  readonly streamArn?: string;
  /** `object`: the event itself; `none`: without it, as for SQS and SNS. Default: its text, as Lambda writes it. */
  readonly payload?: 'text' | 'object' | 'none';
}

/** What AWS Lambda puts into a bucket when it gives up on a batch, by AWS's documentation. */
export function failedInvocation({
  records,
  id,
  shardId = 'shardId-00000001573689847184-864758bb',
  streamArn = STREAM_ARN,
  payload = 'text',
}: FailedInvocation): readonly [key: string, content: Buffer] {
  const event = { Records: records };
  const numbers = records.map((record) => numberOf(record));
  const content = {
    requestContext: {
      requestId: '316aa6d0-8154-xmpl-9af7-85d5f4a6bc81',
      functionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:myfunction',
      condition: 'RetryAttemptsExhausted',
      approximateInvokeCount: 1,
    },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    version: '1.0',
    timestamp: '2026-11-24T00:13:49.717Z',
    DDBStreamBatchInfo: {
      shardId,
      startSequenceNumber: numbers[0],
      endSequenceNumber: numbers.at(-1),
      approximateArrivalOfFirstRecord: '2026-11-23T12:00:00Z',
      approximateArrivalOfLastRecord: '2026-11-23T12:00:59Z',
      batchSize: records.length,
      streamArn,
    },
    ...(payload !== 'none' && { payload: payload === 'text' ? JSON.stringify(event) : event }),
  };
  const key = `aws/lambda/177be2b1-a4ab-41f8-9bf1-4ee9aa0e8a33/${shardId}/2026/11/24/2026-11-24T00.13.49-${id}`;
  return [key, Buffer.from(JSON.stringify(content))];
}

function numberOf(record: unknown): unknown {
  if (typeof record !== 'object' || record === null || !('dynamodb' in record)) return undefined;
  const { dynamodb } = record;
  return typeof dynamodb === 'object' && dynamodb !== null && 'SequenceNumber' in dynamodb
    ? dynamodb.SequenceNumber
    : undefined;
}
