import { setImmediate } from 'node:timers/promises';
import { createQuietly } from '../connection/create-quietly.js';
import type { Connection, IteratorStart, StreamsClient } from '../ports/index.js';
import { type ClientOptions, createCaller, type SdkConfig } from './caller.js';
import { recordsPageOf } from './records-page.js';
import { reuseCalls, reuseSigner } from './reuse-calls.js';
import { dynamoDbStreams } from './sdk.js';
import { useWireJson } from './use-wire-json.js';
import { objectMember, optionalText, shardsOf, streamsPageOf, textMember } from './validate-response.js';
import { nextShardIteratorIn, parseBody } from './wire-body.js';

/**
 * A client for DynamoDB Streams. Nothing is loaded, looked up or sent before its first call. Calls throw
 * TtlArchiveError, or the signal's reason.
 */
export function createStreamsClient(connection: Connection, options: ClientOptions = {}): StreamsClient {
  const caller = createCaller({ ...options, service: 'DynamoDB Streams', connection, createClient });

  async function createClient(config: SdkConfig) {
    const sdk = dynamoDbStreams();
    const client = createQuietly(() => new sdk.DynamoDBStreamsClient(config));
    useWireJson(client.middlewareStack, config.requestHandler, options.onDate);
    reuseSigner(client.config);
    return {
      DescribeStream: reuseCalls(sdk.DescribeStreamCommand, (command) => client.send(command)),
      GetShardIterator: reuseCalls(sdk.GetShardIteratorCommand, (command) => client.send(command)),
      GetRecords: reuseCalls(sdk.GetRecordsCommand, (command) => client.send(command)),
      ListStreams: reuseCalls(sdk.ListStreamsCommand, (command) => client.send(command)),
    };
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
      const body = await caller.call({
        operation: 'DescribeStream',
        signal,
        send: (client, ending) => client.DescribeStream({ ...input }, { ending }),
      });
      const description = objectMember(parseBody(body), 'StreamDescription');
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
      const body = await caller.call({
        operation: 'GetShardIterator',
        signal,
        send: (client, ending) => client.GetShardIterator(input, { ending }),
      });
      return textMember(parseBody(body), 'ShardIterator');
    },

    async getRecords({ ShardIterator }, signal, onNext, onSize) {
      const onBody = (text: Buffer) => {
        const next = onNext && nextShardIteratorIn(text);
        // The next request is sent at the end of this turn of the event loop, so the page is parsed after that.
        return next !== undefined && onNext?.(next, text.length) === true ? setImmediate() : undefined;
      };
      const body = await caller.call({
        operation: 'GetRecords',
        signal,
        send: (client, ending) => {
          getRecordsCalls += 1;
          return client.GetRecords({ ShardIterator }, { ending, onBody, onSize });
        },
      });
      return recordsPageOf(body);
    },

    async listStreams(input, signal) {
      const body = await caller.call({
        operation: 'ListStreams',
        signal,
        send: (client, ending) => client.ListStreams({ ...input }, { ending }),
      });
      return streamsPageOf(parseBody(body));
    },

    close: () => caller.close(),
  };
}

function iteratorInput(start: IteratorStart) {
  return typeof start === 'string'
    ? { ShardIteratorType: start }
    : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER' as const, SequenceNumber: start.after };
}
