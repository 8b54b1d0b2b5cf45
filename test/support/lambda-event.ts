import type { ChangeRecord } from '../../src/ports/index.js';

/** A record as AWS Lambda passes it to a function. */
export type EventRecord = Record<string, unknown>;

export const STREAM_ARN = 'arn:aws:dynamodb:eu-west-1:123456789012:table/Orders/stream/2026-11-23T00:00:00.000';

/** A record of GetRecords as an event source mapping puts it into an event: other case in userIdentity, and its source. */
export function eventRecord({ userIdentity, ...record }: ChangeRecord): EventRecord {
  return {
    ...record,
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    eventSourceARN: STREAM_ARN,
    ...(userIdentity && { userIdentity: { type: userIdentity.Type, principalId: userIdentity.PrincipalId } }),
  };
}

/** An event as the function is given it: parsed from JSON. */
export function lambdaEvent(records: readonly EventRecord[]): unknown {
  return JSON.parse(JSON.stringify({ Records: records }));
}
