import type { ServerResponse } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toTtlArchiveError } from '../../../src/aws/error-mapping.js';
import { createStreamsClient } from '../../../src/aws/streams-client.js';
import { createTablesClient } from '../../../src/aws/tables-client.js';
import { errorKindOf, TtlArchiveError } from '../../../src/errors.js';
import { type AwsEndpoint, answerError, startAwsEndpoint } from '../../support/aws-endpoint.js';

let endpoint: AwsEndpoint;
let answer: (response: ServerResponse) => void;

beforeEach(async () => {
  endpoint = await startAwsEndpoint((_call, response) => answer(response));
});

afterEach(() => endpoint.close());

async function failure(call: Promise<unknown>): Promise<TtlArchiveError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof TtlArchiveError)) throw new TypeError(`not a TtlArchiveError: ${String(error)}`);
  return error;
}

async function getRecordsFailure(url = endpoint.url): Promise<TtlArchiveError> {
  const client = createStreamsClient({ endpointUrl: url });
  try {
    return await failure(client.getRecords({ ShardIterator: 'it' }));
  } finally {
    client.close();
  }
}

async function describeTableFailure(table: string): Promise<TtlArchiveError> {
  const client = createTablesClient({ endpointUrl: endpoint.url });
  try {
    return await failure(client.describeTable(table));
  } finally {
    client.close();
  }
}

describe('toTtlArchiveError', () => {
  it.each([
    ['ProvisionedThroughputExceededException', 400, 'THROTTLED', 'retry'],
    ['LimitExceededException', 400, 'THROTTLED', 'retry'],
    ['ThrottlingException', 400, 'THROTTLED', 'retry'],
    ['RequestLimitExceeded', 400, 'THROTTLED', 'retry'],
    ['InternalServerError', 500, 'SERVICE', 'retry'],
    ['ServiceUnavailable', 503, 'SERVICE', 'retry'],
    ['SomethingNew', 500, 'SERVICE', 'retry'],
    ['ExpiredIteratorException', 400, 'EXPIRED_ITERATOR', 'renew'],
    ['TrimmedDataAccessException', 400, 'TRIMMED', 'shard'],
    ['ResourceNotFoundException', 400, 'STREAM_OR_SHARD_NOT_FOUND', 'shard'],
    ['ExpiredTokenException', 400, 'CREDENTIALS', 'stop'],
    ['ExpiredToken', 400, 'CREDENTIALS', 'stop'],
    ['UnrecognizedClientException', 400, 'CREDENTIALS', 'stop'],
    ['InvalidSignatureException', 400, 'CREDENTIALS', 'stop'],
    ['MissingAuthenticationTokenException', 400, 'CREDENTIALS', 'stop'],
    ['AccessDeniedException', 400, 'ACCESS_DENIED', 'stop'],
    ['NotAuthorized', 400, 'ACCESS_DENIED', 'stop'],
    ['ValidationException', 400, 'VALIDATION', 'stop'],
    ['SomethingNewException', 400, 'VALIDATION', 'stop'],
  ])('maps %s (status %i) to %s', async (name, status, code, kind) => {
    answer = (response) => answerError(response, name, 'so it is', status);
    const error = await getRecordsFailure();
    expect(error.code).toBe(code);
    expect(errorKindOf(error)).toBe(kind);
    expect(error.message).not.toContain('undefined');
  });

  it('maps the "Invalid ShardIterator" of DynamoDB Local to an expired iterator', async () => {
    answer = (response) => answerError(response, 'ValidationException', 'Invalid ShardIterator');
    expect((await getRecordsFailure()).code).toBe('EXPIRED_ITERATOR');
  });

  it('names the table, the endpoint and the command that creates it when a table is missing', async () => {
    answer = (response) => answerError(response, 'ResourceNotFoundException', 'Cannot do operations on it');
    const error = await describeTableFailure('My-Table');
    expect(error.code).toBe('TABLE_NOT_FOUND');
    expect(error.message).toContain('"My-Table"');
    expect(error.message).toContain(new URL(endpoint.url).host);
    expect(error.commands).toEqual([{ program: 'ttl-archive', args: ['setup', '--table', 'My-Table'] }]);
  });

  it('maps a failed condition', async () => {
    answer = (response) => answerError(response, 'ConditionalCheckFailedException', 'The conditional request failed');
    const client = createTablesClient({ endpointUrl: endpoint.url });
    const error = await failure(client.putItem({ TableName: 'T', item: {}, ifAbsent: ['PK'] }));
    client.close();
    expect(error.code).toBe('CONDITION_FAILED');
  });

  it('names the action that lacks permission', async () => {
    answer = (response) => answerError(response, 'AccessDeniedException', '');
    expect((await getRecordsFailure()).remedy).toContain('dynamodb:GetRecords');
    answer = (response) =>
      answerError(response, 'AccessDeniedException', 'User: x is not authorized to perform: sts:AssumeRole on y');
    expect((await getRecordsFailure()).remedy).toContain('sts:AssumeRole');
  });

  it('names the clock when a signature has expired', async () => {
    answer = (response) => answerError(response, 'InvalidSignatureException', 'Signature expired: 1 is now earlier');
    expect((await getRecordsFailure()).remedy).toContain('clock');
  });

  it.each([413, 404, 502, 503])('maps an HTML page with status %i to SERVICE', async (status) => {
    answer = (response) => response.writeHead(status, { 'content-type': 'text/html' }).end('<html>no</html>');
    const error = await getRecordsFailure();
    expect(error.code).toBe('SERVICE');
    expect(error.message).not.toContain('Deserialization');
  });

  it('repeats the message of the server as one line without control characters', async () => {
    answer = (response) => answerError(response, 'ValidationException', `a\u001b[31m\nb\u202e${'c'.repeat(5000)}`);
    const { message } = await getRecordsFailure();
    expect(message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(message.length).toBeLessThan(500);
  });

  it('says that nothing listens on a loopback endpoint', async () => {
    const { url } = endpoint;
    await endpoint.close();
    const error = await getRecordsFailure(url);
    expect(error.code).toBe('NETWORK');
    expect(error.message).toContain(new URL(url).host);
    expect(error.message).toContain('ECONNREFUSED');
    expect(error.remedy).toContain('--local');
  });

  it('maps the refusals of both addresses of localhost to one error', async () => {
    const { port } = new URL(endpoint.url);
    await endpoint.close();
    const error = await getRecordsFailure(`http://localhost:${port}`);
    expect(error.code).toBe('NETWORK');
    expect(error.message).toContain('ECONNREFUSED');
  });

  it('is of the kind retry when the connection is reset', async () => {
    answer = (response) => response.socket?.resetAndDestroy();
    expect((await getRecordsFailure()).code).toBe('NETWORK');
  });

  it('is of the kind retry when the server does not speak HTTP', async () => {
    const server = createTcpServer((socket) => socket.on('error', () => undefined).end('SSH-2.0-OpenSSH\r\n\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const error = await getRecordsFailure(`http://127.0.0.1:${port}`);
    server.close();
    expect(errorKindOf(error)).toBe('retry');
  });

  it.each([
    [Object.assign(new Error('getaddrinfo EAI_AGAIN x'), { code: 'EAI_AGAIN', hostname: 'x' }), 'NETWORK'],
    [Object.assign(new Error('getaddrinfo ENOTFOUND portal.sso.x'), { code: 'ENOTFOUND' }), 'NETWORK'],
    [Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }), 'NETWORK'],
    [new Error('socket hang up'), 'NETWORK'],
    [Object.assign(new Error('no'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }), 'NETWORK'],
    [
      Object.assign(new Error('Could not load credentials from any providers'), { name: 'CredentialsProviderError' }),
      'CREDENTIALS',
    ],
    [Object.assign(new Error('getaddrinfo ENOTFOUND sts.x'), { name: 'CredentialsProviderError' }), 'NETWORK'],
    [Object.assign(new Error('Token is expired. Run aws sso login'), { name: 'TokenProviderError' }), 'CREDENTIALS'],
    [Object.assign(new Error('spawn x ENOENT'), { code: 'ENOENT' }), 'CREDENTIALS'],
    [new TypeError('x is not a function'), 'INTERNAL'],
  ])('maps %s to %s', (error, code) => {
    const call = { operation: 'GetRecords', region: 'eu-west-1', loopback: false };
    expect(toTtlArchiveError(error, call).code).toBe(code);
  });
});
