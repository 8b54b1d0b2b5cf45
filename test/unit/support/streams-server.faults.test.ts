import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  anyFault,
  expiredCredentials,
  FAULTS,
  firstCalls,
  randomFaults,
  seededRandom,
  ttlDelete,
} from '../../support/streams-server.js';
import { item, served } from './streams-server-clients.js';

type Fault = (typeof FAULTS)[keyof typeof FAULTS];

/** A server whose GetRecords calls all fail in one way, and an iterator of a shard with a record. */
async function failing(fault: Fault) {
  const all = await served();
  all.model.put(all.ShardId, ttlDelete(item('a')));
  const ShardIterator = await all.iterator();
  all.server.faults = ({ operation }) => (operation === 'GetRecords' ? fault : undefined);
  return { ...all, ShardIterator };
}

function isPage(body: string): boolean {
  try {
    return Array.isArray(JSON.parse(body)?.Records);
  } catch {
    return false;
  }
}

describe('FAULTS', () => {
  const exceptions = [
    ['throughputExceeded', 'ProvisionedThroughputExceededException', 400],
    ['limitExceeded', 'LimitExceededException', 400],
    ['throttling', 'ThrottlingException', 400],
    ['internalError', 'InternalServerError', 500],
    ['expiredIterator', 'ExpiredIteratorException', 400],
    ['accessDenied', 'AccessDeniedException', 400],
    ['unrecognizedClient', 'UnrecognizedClientException', 400],
  ] as const;
  it.each(exceptions)('answers %s as the SDK knows it', async (fault, name, httpStatusCode) => {
    const { getRecords, ShardIterator } = await failing(FAULTS[fault]);
    await expect(getRecords(ShardIterator)).rejects.toMatchObject({ name, $metadata: { httpStatusCode } });
  });

  it.each(['reset', 'resetInBody', 'truncated', 'truncatedChunked'] as const)(
    'breaks the answer off: %s',
    async (fault) => {
      const { getRecords, fetchRecords, ShardIterator, server } = await failing(FAULTS[fault]);
      await expect(fetchRecords(ShardIterator).then((response) => response.text())).rejects.toThrow(TypeError);
      await expect(getRecords(ShardIterator)).rejects.toBeInstanceOf(Error);
      expect(server.calls.count('GetRecords')).toBe(2);
    },
  );

  it.each(['stall', 'stallInBody'] as const)('leaves the client waiting until it gives up: %s', async (fault) => {
    const { fetchRecords, ShardIterator, server } = await failing(FAULTS[fault]);
    const call = fetchRecords(ShardIterator, { signal: AbortSignal.timeout(100) }).then((response) => response.text());
    await expect(call).rejects.toMatchObject({ name: 'TimeoutError' });
    await expect.poll(() => server.calls.inFlight).toBe(0);
  });

  it.each([
    ['html503', 503, '<html>'],
    ['truncatedUnannounced', 200, '{"Records":['],
    ['invalidJson', 200, '{"Records":['],
    ['emptyObject', 200, '{}'],
    ['nullBody', 200, 'null'],
    ['recordsNull', 200, '{"Records":null'],
  ] as const)('answers %s with %i and a body that is no page', async (fault, status, begin) => {
    const { fetchRecords, ShardIterator } = await failing(FAULTS[fault]);
    const response = await fetchRecords(ShardIterator);
    const body = await response.text();
    expect(response.status).toBe(status);
    expect(body.startsWith(begin)).toBe(true);
    expect(isPage(body)).toBe(false);
  });

  it('sends a wrong checksum with the right body', async () => {
    const { fetchRecords, ShardIterator } = await failing(FAULTS.wrongCrc);
    const response = await fetchRecords(ShardIterator);
    const body = await response.text();
    expect(isPage(body)).toBe(true);
    expect(Number(response.headers.get('x-amz-crc32'))).toBe((crc32(body) ^ 1) >>> 0);
  });
});

/** What becomes of a thousand calls of two operations under random faults. */
function thousandCalls(): string[] {
  const faults = randomFaults({
    probability: 0.3,
    random: seededRandom(1),
    kinds: ['throttling', 'expiredIterator'],
  });
  return Array.from({ length: 1000 }, (_, number) => {
    const operation = number % 2 === 0 ? 'GetRecords' : 'DescribeStream';
    const call = { number, operation, input: {}, StreamArn: undefined, ShardId: undefined, accessKeyId: '', at: 0 };
    const fault = faults(call);
    return fault?.kind === 'error' ? `${operation} ${fault.type}` : '';
  });
}

describe('randomFaults', () => {
  it('lets the asked-for share of calls fail, the same ones for the same seed', async () => {
    const failed = thousandCalls().filter((name) => name !== '');
    expect(failed.length).toBeGreaterThan(250);
    expect(failed.length).toBeLessThan(350);
    expect(new Set(failed)).toEqual(
      new Set([
        'GetRecords ExpiredIteratorException',
        'GetRecords ThrottlingException',
        'DescribeStream ThrottlingException',
      ]),
    );
    expect(thousandCalls()).toEqual(thousandCalls());
  });
});

describe('expiredCredentials', () => {
  it('rejects the access key ids in its set, until they are removed', async () => {
    const expired = new Set(['old']);
    const faults = anyFault(firstCalls('DescribeStream', 1, FAULTS.throttling), expiredCredentials(expired));
    const { describe: list } = await served({ accessKeyId: 'old', faults });
    await expect(list()).rejects.toMatchObject({ name: 'ThrottlingException' });
    await expect(list()).rejects.toMatchObject({ name: 'ExpiredTokenException' });
    expired.clear();
    expect(await list()).toHaveLength(1);
  });
});

describe('startStreamsServer', () => {
  it('closes although calls are stalled', async () => {
    const { fetchRecords, ShardIterator, server } = await failing(FAULTS.stall);
    const call = fetchRecords(ShardIterator).catch((error: unknown) => error);
    await expect.poll(() => server.calls.inFlight).toBe(1);
    await server.close();
    expect(await call).toMatchObject({ message: 'fetch failed' });
  });
});
