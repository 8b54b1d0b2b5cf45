import { setImmediate } from 'node:timers/promises';
import type { DynamoDBStreamsClient, ServiceInputTypes, ServiceOutputTypes } from '@aws-sdk/client-dynamodb-streams';
import { createQuietly } from '../connection/create-quietly.js';
import type { Connection, IteratorStart, StreamsClient } from '../ports/index.js';
import { type ClientOptions, createCaller, type SdkConfig } from './caller.js';
import { recordsPageOf } from './records-page.js';
import { dynamoDbStreams } from './sdk.js';
import { objectMember, optionalText, shardsOf, streamsPageOf, textMember } from './validate-response.js';
import { nextShardIteratorIn, parseBody } from './wire-body.js';
import { callWire, type ResponseHooks, useWireJson } from './wire-call.js';

/**
 * A client for DynamoDB Streams. Nothing is loaded, looked up or sent before its first call. Calls throw
 * TtlArchiveError, or the signal's reason.
 */
export function createStreamsClient(connection: Connection, options: ClientOptions = {}): StreamsClient {
  const caller = createCaller({ ...options, service: 'DynamoDB Streams', connection, createClient });

  async function createClient(config: SdkConfig) {
    const { DynamoDBStreamsClient: Client } = dynamoDbStreams();
    // The middleware stack is resolved once for each command, not for each call: nothing in it depends on the call.
    const client = createQuietly(() => new Client({ ...config, cacheMiddleware: true }));
    useWireJson(client.middlewareStack, config.requestHandler, options.onDate);
    return client;
  }

  function call<I extends ServiceInputTypes, O extends ServiceOutputTypes>(
    { operation, signal, ...hooks }: { operation: string; signal: AbortSignal | undefined } & ResponseHooks,
    command: (
      sdk: ReturnType<typeof dynamoDbStreams>,
    ) => Parameters<typeof DynamoDBStreamsClient.prototype.send<I, O>>[0],
  ) {
    return caller.call({
      operation,
      signal,
      send: (client, aborted) =>
        callWire(command(dynamoDbStreams()), (ready) => client.send(ready), { ...hooks, signal: aborted }),
    });
  }

  let getRecordsCalls = 0;

  return {
    get getRecordsCalls() {
      return getRecordsCalls;
    },

    get isLoopback() {
      return caller.isLoopback;
    },

    async describeStream(input, signal) {
      const of = { operation: 'DescribeStream', signal };
      const json = parseBody(await call(of, (sdk) => new sdk.DescribeStreamCommand({ ...input })));
      const description = objectMember(json, 'StreamDescription');
      const lastShardId = optionalText(description, 'LastEvaluatedShardId');
      return {
        StreamArn: textMember(description, 'StreamArn'),
        StreamStatus: textMember(description, 'StreamStatus'),
        Shards: shardsOf(description),
        ...(lastShardId !== undefined && { LastEvaluatedShardId: lastShardId }),
      };
    },

    async getShardIterator({ StreamArn, ShardId, start }, signal) {
      const input = { StreamArn, ShardId, ...iteratorInput(start) };
      const of = { operation: 'GetShardIterator', signal };
      const json = parseBody(await call(of, (sdk) => new sdk.GetShardIteratorCommand({ ...input })));
      return textMember(json, 'ShardIterator');
    },

    async getRecords({ ShardIterator }, signal, onNext, onSize) {
      const onBody = async (body: Buffer) => {
        const next = onNext && nextShardIteratorIn(body);
        // The next request is sent at the end of this turn of the event loop, so the page is parsed after that.
        if (next !== undefined && onNext?.(next, body.length) === true) await setImmediate();
      };
      const body = await call({ operation: 'GetRecords', signal, onBody, onSize }, (sdk) => {
        getRecordsCalls += 1;
        return new sdk.GetRecordsCommand({ ShardIterator });
      });
      return recordsPageOf(body);
    },

    async listStreams(input, signal) {
      const of = { operation: 'ListStreams', signal };
      const json = parseBody(await call(of, (sdk) => new sdk.ListStreamsCommand({ ...input })));
      return streamsPageOf(json);
    },

    close: () => caller.close(),
  };
}

function iteratorInput(start: IteratorStart) {
  return typeof start === 'string'
    ? { ShardIteratorType: start }
    : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER' as const, SequenceNumber: start.after };
}
