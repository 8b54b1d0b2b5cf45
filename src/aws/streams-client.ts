import { setImmediate } from 'node:timers/promises';
import type { Connection, IteratorStart, StreamsClient } from '../ports/index.js';
import { type CallRequest, type ClientOptions, createCaller, type SdkConfig } from './caller.js';
import { dynamoDbStreams } from './sdk.js';
import {
  objectMember,
  optionalNumber,
  optionalText,
  recordsOf,
  shardsOf,
  streamsPageOf,
  textMember,
} from './validate-response.js';
import { nextShardIteratorIn } from './wire-body.js';
import { callWire, useWireJson } from './wire-call.js';

/**
 * A client for DynamoDB Streams. Nothing is loaded, looked up or sent before its first call. Calls throw
 * TtlArchiveError, or the signal's reason; what the SDK needs of the environment and the shared config files it reads
 * by itself.
 */
export function createStreamsClient(connection: Connection, options: ClientOptions = {}): StreamsClient {
  const caller = createCaller({
    ...options,
    service: 'DynamoDB Streams',
    connection,
    createClient: (config) => createClient(config, options),
  });
  type Send = CallRequest<Awaited<ReturnType<typeof createClient>>>['send'];
  const call = (operation: string, signal: AbortSignal | undefined, send: Send) =>
    caller.call({ operation, signal, send });
  let getRecordsCalls = 0;

  return {
    get getRecordsCalls() {
      return getRecordsCalls;
    },

    get isLoopback() {
      return caller.isLoopback;
    },

    async describeStream(input, signal) {
      const { json } = await call('DescribeStream', signal, (sdk, aborted) =>
        callWire(new sdk.DescribeStreamCommand({ ...input }), (command) => sdk.client.send(command), {
          signal: aborted,
        }),
      );
      const description = objectMember(json, 'StreamDescription');
      const viewType = optionalText(description, 'StreamViewType');
      const created = optionalNumber(description, 'CreationRequestDateTime');
      const tableName = optionalText(description, 'TableName');
      const lastShardId = optionalText(description, 'LastEvaluatedShardId');
      return {
        StreamArn: textMember(description, 'StreamArn'),
        StreamStatus: textMember(description, 'StreamStatus'),
        Shards: shardsOf(description),
        ...(viewType !== undefined && { StreamViewType: viewType }),
        ...(created !== undefined && { CreationRequestDateTime: created }),
        ...(tableName !== undefined && { TableName: tableName }),
        ...(lastShardId !== undefined && { LastEvaluatedShardId: lastShardId }),
      };
    },

    async getShardIterator({ StreamArn, ShardId, start }, signal) {
      const input = { StreamArn, ShardId, ...iteratorInput(start) };
      const { json } = await call('GetShardIterator', signal, (sdk, aborted) =>
        callWire(new sdk.GetShardIteratorCommand({ ...input }), (command) => sdk.client.send(command), {
          signal: aborted,
        }),
      );
      return textMember(json, 'ShardIterator');
    },

    async getRecords({ ShardIterator }, signal, onNext, onSize) {
      const onBody = async (body: Buffer) => {
        const next = onNext && nextShardIteratorIn(body);
        // The next request leaves at the end of this turn of the event loop: taking the page apart has to wait for that.
        if (next !== undefined && onNext?.(next, body.length) === true) await setImmediate();
      };
      const { json, bytes } = await call('GetRecords', signal, (sdk, aborted) => {
        getRecordsCalls += 1;
        return callWire(new sdk.GetRecordsCommand({ ShardIterator }), (command) => sdk.client.send(command), {
          signal: aborted,
          onBody,
          onSize,
        });
      });
      const Records = recordsOf(json);
      const NextShardIterator = optionalText(json, 'NextShardIterator');
      return { Records, bytes, ...(NextShardIterator !== undefined && { NextShardIterator }) };
    },

    async listStreams(input, signal) {
      const { json } = await call('ListStreams', signal, (sdk, aborted) =>
        callWire(new sdk.ListStreamsCommand({ ...input }), (command) => sdk.client.send(command), { signal: aborted }),
      );
      return streamsPageOf(json);
    },

    close: () => caller.close(),
  };
}

async function createClient(config: SdkConfig, { onDate }: ClientOptions) {
  const sdk = dynamoDbStreams();
  // The stack is resolved once a command, not once a call: nothing in it depends on the call.
  const client = new sdk.DynamoDBStreamsClient({ ...config, cacheMiddleware: true });
  useWireJson(client.middlewareStack, config.requestHandler, onDate);
  return {
    client,
    DescribeStreamCommand: sdk.DescribeStreamCommand,
    GetRecordsCommand: sdk.GetRecordsCommand,
    GetShardIteratorCommand: sdk.GetShardIteratorCommand,
    ListStreamsCommand: sdk.ListStreamsCommand,
  };
}

function iteratorInput(start: IteratorStart) {
  return typeof start === 'string'
    ? { ShardIteratorType: start }
    : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER' as const, SequenceNumber: start.after };
}
