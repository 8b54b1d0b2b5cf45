import { crc32 } from 'node:zlib';
import { toTtlArchiveError } from '../../src/aws/error-mapping.js';
import { recordsPageOf } from '../../src/aws/records-page.js';
import {
  objectMember,
  optionalText,
  shardsOf,
  streamsPageOf,
  tablesPageOf,
  tagsPageOf,
  textMember,
} from '../../src/aws/validate-response.js';
import { checkBody, nextShardIteratorIn, parseBody } from '../../src/aws/wire-body.js';
import { TtlArchiveError } from '../../src/errors.js';
import type { ChangeRecord, IteratorStart, StreamsClient, TablesClient } from '../../src/ports/index.js';
import { memoryTables } from './memory-tables.js';
import type { Call, Fault, FaultPlan } from './streams-server/faults.js';
import type { SimulatedTable } from './streams-server/model-types.js';
import { perform, subjectOf } from './streams-server/operations.js';
import { ServiceError } from './streams-server/service-error.js';
import type { StreamModel } from './streams-server/stream-model.js';

export interface InProcessOptions {
  readonly faults?: FaultPlan;
  /** Before a call is answered: the moment at which a test changes the model. */
  readonly onCall?: (call: Call) => void;
  /** Called with the Date header that a response would have. */
  readonly onDate?: ((date: string) => void) | undefined;
  /** May spoil the body of a right answer. */
  readonly mutate?: (body: string, call: Call) => string;
  /** Called with each page that has passed validation. */
  readonly onPage?: (ShardId: string, records: readonly ChangeRecord[]) => void;
}

export interface InProcessClients {
  readonly streams: StreamsClient;
  readonly tables: TablesClient;
}

/**
 * The simulated stream without HTTP and without the SDK, for runs by the ten thousand: bodies go through the same
 * parsing, checks and error mapping as those that come over the wire.
 */
export function inProcessStreams(model: StreamModel, options: InProcessOptions = {}): InProcessClients {
  let number = 0;
  let getRecordsCalls = 0;

  function begin(operation: string, input: object, signal: AbortSignal | undefined): { call: Call; fault?: Fault } {
    signal?.throwIfAborted();
    const fields = { ...input };
    number += 1;
    const call: Call = {
      number,
      operation,
      input: fields,
      ...subjectOf(model, fields),
      accessKeyId: '',
      at: model.now(),
    };
    options.onCall?.(call);
    const fault = options.faults?.(call);
    return fault === undefined ? { call } : { call, fault };
  }

  async function ask(
    operation: string,
    input: object,
    signal?: AbortSignal,
    onBody?: (body: Buffer) => Promise<void>,
  ): Promise<Buffer> {
    // Answers of one moment come in an order that depends on the calls, not always the one of the questions.
    for (let hops = (number * 7) % 4; hops >= 0; hops--) await Promise.resolve();
    const { call, fault } = begin(operation, input, signal);
    if (fault?.kind !== 'reset' && fault?.kind !== 'html') options.onDate?.(new Date(model.now()).toUTCString());
    try {
      const body = answer(() => perform(model, `DynamoDBStreams_20120810.${operation}`, call.input), fault);
      const bytes = Buffer.from(options.mutate?.(body, call) ?? body);
      await onBody?.(bytes);
      checkBody(bytes, String((crc32(bytes) ^ (fault?.kind === 'wrong-crc' ? 1 : 0)) >>> 0));
      return bytes;
    } catch (error) {
      throw toTtlArchiveError(error, { operation, region: model.region, loopback: true });
    }
  }

  const streams: StreamsClient = {
    get getRecordsCalls() {
      return getRecordsCalls;
    },
    async describeStream(input, signal) {
      const description = objectMember(parseBody(await ask('DescribeStream', input, signal)), 'StreamDescription');
      const LastEvaluatedShardId = optionalText(description, 'LastEvaluatedShardId');
      return {
        StreamArn: textMember(description, 'StreamArn'),
        StreamStatus: textMember(description, 'StreamStatus'),
        Shards: shardsOf(description),
        ...(LastEvaluatedShardId !== undefined && { LastEvaluatedShardId }),
      };
    },
    async getShardIterator({ StreamArn, ShardId, start }, signal) {
      const body = await ask('GetShardIterator', { StreamArn, ShardId, ...iteratorInput(start) }, signal);
      return textMember(parseBody(body), 'ShardIterator');
    },
    async getRecords(input, signal, onNext, onSize) {
      getRecordsCalls += 1;
      const { ShardId } = subjectOf(model, { ...input });
      // Called for every page as if it were a long one, so that reading ahead meets every fault.
      const onBody = async (body: Buffer): Promise<void> => {
        await onSize?.(body.length);
        const next = nextShardIteratorIn(body);
        if (next === undefined) return;
        if (onNext?.(next, Infinity) !== true) return;
        for (let hops = number % 5; hops > 0; hops--) await Promise.resolve();
      };
      const page = recordsPageOf(await ask('GetRecords', input, signal, onBody));
      options.onPage?.(ShardId ?? '', page.Records);
      return { ...page, bytes: page.Records.length * 500 };
    },
    listStreams: async (input, signal) => streamsPageOf(parseBody(await ask('ListStreams', input, signal))),
    close: () => undefined,
  };
  return { streams, tables: tablesOf(model, options) };
}

/** What the service's answer becomes on its way; throws what the SDK would. */
function answer(work: () => string, fault: Fault | undefined): string {
  switch (fault?.kind) {
    case 'error':
      throw sdkError(fault.type, fault.message ?? fault.type, fault.status ?? 400);
    case 'html':
      throw sdkError('Unknown', 'UnknownError', 503);
    case 'reset':
    case 'reset-in-body':
    case 'stall':
    case 'stall-in-body':
      throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    case 'body':
      return fault.body;
    case 'truncated':
    case 'truncated-chunked':
    case 'truncated-unannounced':
    case 'invalid-json':
    case 'wrong-crc':
    case 'latency':
    case undefined:
  }
  try {
    const body = work();
    if (fault?.kind.startsWith('truncated') === true) return body.slice(0, body.length / 2);
    return fault?.kind === 'invalid-json' ? `${body.slice(0, -1)},,` : body;
  } catch (error) {
    throw error instanceof ServiceError ? sdkError(error.type, error.message, error.status) : error;
  }
}

function sdkError(name: string, message: string, httpStatusCode: number): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode }, $response: {} });
}

function iteratorInput(start: IteratorStart) {
  return typeof start === 'string'
    ? { ShardIteratorType: start }
    : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: start.after };
}

function tablesOf(model: StreamModel, { onDate }: InProcessOptions): TablesClient {
  const find = (name: string): SimulatedTable => {
    onDate?.(new Date(model.now()).toUTCString());
    const table = model.tables.get(name.replace(/^arn:.*:table\//, ''));
    if (table === undefined) throw new TtlArchiveError('TABLE_NOT_FOUND', `There is no table "${name}".`);
    return table;
  };
  return {
    ...memoryTables(),
    async describeTable(name) {
      const { TableName, TableStatus, keySchema, stream } = find(name);
      return {
        TableName,
        TableArn: `arn:aws:dynamodb:${model.region}:000000000000:table/${TableName}`,
        TableStatus,
        keySchema,
        stream: {
          enabled: stream?.StreamStatus === 'ENABLED',
          ...(stream !== undefined && { viewType: stream.viewType }),
        },
        ...(stream !== undefined && { LatestStreamArn: stream.StreamArn }),
      };
    },
    async listTables(input) {
      return tablesPageOf(parseBody(Buffer.from(perform(model, 'DynamoDB_20120810.ListTables', input))));
    },
    async listTagsOfResource(input) {
      return tagsPageOf(parseBody(Buffer.from(perform(model, 'DynamoDB_20120810.ListTagsOfResource', input))));
    },
    async describeTimeToLive(name) {
      const { ttlStatus, ttlAttribute } = find(name);
      return { status: ttlStatus, ...(ttlAttribute !== null && { attribute: ttlAttribute }) };
    },
  };
}
