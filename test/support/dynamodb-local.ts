import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';

/** DynamoDB Local 2.6.1 and 3.3.1, running for all integration and e2e tests: `describe.each(LOCALS)`. */
export const LOCALS = [
  { version: '2.6.1', endpoint: inject('dynamoDbLocal').v2 },
  { version: '3.3.1', endpoint: inject('dynamoDbLocal').v3 },
] as const;

/** Both versions once more, with few tables, so that TTL's sweep comes round in time. */
export const SWEEPING_LOCALS = [
  { version: '2.6.1', endpoint: inject('sweepingLocal').v2 },
  { version: '3.3.1', endpoint: inject('sweepingLocal').v3 },
] as const;

/** The embedded default, DynamoDB Local 2.6.1. */
export const LOCAL = LOCALS[0].endpoint;

/** A table name that no other test uses. */
export function uniqueTable(prefix = 'Test'): string {
  return `${prefix}-${randomUUID().slice(0, 13)}`;
}

/** A refusal by DynamoDB; `type` is without its namespace, as ResourceNotFoundException. */
export class CallError extends Error {
  readonly type: string;

  constructor(target: string, status: number, answer: Readonly<Record<string, unknown>>) {
    const { __type: type = `#status ${status}`, message = answer['Message'] ?? '' } = answer;
    super(`${target}: ${String(type)}: ${String(message)}`);
    this.type = String(type).split('#').at(-1) ?? '';
  }
}

/**
 * One raw call, without the SDK: `call(endpoint, 'DynamoDB_20120810.PutItem', {…})`. Stream calls are
 * `DynamoDBStreams_20120810.GetRecords` and so on. Gives the answer's JSON, whose type the caller states; throws
 * CallError unless the status is 200.
 */
export async function call<T extends object = Record<string, unknown>>(
  endpoint: string,
  target: string,
  body: object,
): Promise<T> {
  const service = 'us-east-1/dynamodb/aws4_request';
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': target,
      authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${service}, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify(body),
  });
  // JSON.parse gives what the caller says it gives: this is the one place of the tests that takes it at its word.
  const answer = JSON.parse(await response.text());
  if (response.status !== 200) throw new CallError(target, response.status, answer);
  return answer;
}
