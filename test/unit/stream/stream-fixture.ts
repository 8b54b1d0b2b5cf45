import { expect, onTestFinished } from 'vitest';
import { createStreamsClient } from '../../../src/aws/streams-client.js';
import type {
  AwsTime,
  Checkpoint,
  Clock,
  StreamDescription,
  StreamsClient,
  WireItem,
} from '../../../src/ports/index.js';
import type { DeliveredPage } from '../../../src/shards/effects.js';
import { ENDLESS, ONCE, Retrier } from '../../../src/stream/retry.js';
import { type StreamEnd, StreamReader, type StreamReaderOptions } from '../../../src/stream/stream-reader.js';
import { machineTime } from '../../support/machine-time.js';
import { MemorySink, type MemorySinkOptions } from '../../support/memory-sink.js';
import { type NotedLine, notedLog } from '../../support/noted-log.js';
import { simulatedClock } from '../../support/simulated-clock.js';
import { describeStream } from '../../support/streams-server/describe-stream.js';
import type { ModelSettings } from '../../support/streams-server/model-types.js';
import type { PutRecord } from '../../support/streams-server/stream-model.js';
import {
  type FaultPlan,
  StreamModel,
  seededRandom,
  startStreamsServer,
  ttlDelete,
} from '../../support/streams-server.js';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

export interface FixtureOptions {
  readonly shards?: number;
  readonly region?: string;
  readonly settings?: Partial<ModelSettings>;
  readonly faults?: FaultPlan;
  readonly latencyMs?: number;
  readonly callTimeout?: number;
  /** DescribeStream makes no HTTP call: for days of following, with a listing every half a minute. */
  readonly listDirectly?: boolean;
}

export interface Reading {
  readonly reader: StreamReader;
  readonly sink: MemorySink;
  readonly log: readonly NotedLine[];
  /** Settles when the reading ends. */
  readonly end: Promise<StreamEnd>;
  /** Stops the reading. */
  readonly stop: () => Promise<StreamEnd>;
}

/**
 * A table `T` on a simulated stream, behind the real SDK client, read on a clock that the test advances. The clock stands
 * still during calls, so that a test's result does not depend on the machine's speed.
 */
export async function streamFixture(options: FixtureOptions = {}) {
  const { region, settings, faults, latencyMs, callTimeout = 5000, listDirectly = false } = options;
  let calling = 0;
  const clock = simulatedClock({ busy: () => calling > 0 });
  const model = new StreamModel({
    now: () => clock.now(),
    ...(region !== undefined && { region }),
    ...(settings !== undefined && { settings }),
  });
  const { StreamArn, shards } = model.createTable({ TableName: 'T', shards: options.shards ?? 1 });
  const server = await startStreamsServer({
    model,
    log: true,
    ...(faults !== undefined && { faults }),
    ...(latencyMs !== undefined && { latencyMs }),
  });
  const client = createStreamsClient({ endpointUrl: server.endpointUrl, region: 'us-east-1' }, { callTimeout });
  const counted = <A extends unknown[], R>(call: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      calling++;
      try {
        return await call(...args);
      } finally {
        calling--;
      }
    };
  };
  const streams: StreamsClient = {
    describeStream: listDirectly
      ? async (input) => JSON.parse(describeStream(model, { ...input })).StreamDescription as StreamDescription
      : counted((input, signal) => client.describeStream(input, signal)),
    getShardIterator: counted((input, signal) => client.getShardIterator(input, signal)),
    getRecords: counted((input, signal, onNext, onSize) =>
      client.getRecords(input, signal, onNext, async (bytes) => {
        // The clock may advance while the response waits for room.
        calling--;
        await onSize?.(bytes);
        calling++;
      }),
    ),
    listStreams: (input, signal) => client.listStreams(input, signal),
    get getRecordsCalls() {
      return client.getRecordsCalls;
    },
    close: () => client.close(),
  };
  const sinks: MemorySink[] = [];
  onTestFinished(async () => {
    client.close();
    await server.close();
    expect(sinks.flatMap(({ broken }) => broken)).toEqual([]);
  });

  /** The shard that has to end before this one, whatever the stream lists. */
  function parentOf(ShardId: string): string | undefined {
    const parent = model.findShard(model.findShard(ShardId)?.ParentShardId ?? '');
    return parent === undefined || parent.removed ? undefined : parent.ShardId;
  }

  function memorySink(more: MemorySinkOptions = {}): MemorySink {
    const sink = new MemorySink({ parentOf, ...more });
    sinks.push(sink);
    return sink;
  }

  /** Starts a run. With the `sink` of an earlier run it continues from the checkpoints, as the next start does. */
  function read(
    more: Partial<StreamReaderOptions> & {
      readonly sink?: MemorySink;
      readonly known?: ReadonlyMap<string, Checkpoint>;
      readonly write?: (page: DeliveredPage) => Promise<void>;
      readonly seed?: number;
      readonly awsTime?: AwsTime;
      /** Milliseconds by which the reader's clock is behind. */
      readonly setBack?: () => number;
      /** Wrong responses of DescribeStream. */
      readonly describeStream?: (...args: Parameters<StreamsClient['describeStream']>) => Promise<StreamDescription>;
    } = {},
  ): Reading {
    const {
      write,
      describeStream: list = (input, signal) => streams.describeStream(input, signal),
      seed = 1,
      setBack = () => 0,
      sink = memorySink(write === undefined ? {} : { write }),
      ...given
    } = more;
    const log = notedLog();
    const random = seededRandom(seed);
    const once = given.once ?? false;
    const retrier = new Retrier({ clock, random, log }, once ? ONCE : ENDLESS);
    const stopping = new AbortController();
    const machineClock: Clock = {
      ...clock,
      now: () => clock.now() - setBack(),
      sleep: (ms, signal) => clock.sleep(ms, signal),
    };
    const reader = new StreamReader(
      {
        streams: Object.create(streams, { describeStream: { value: list } }),
        sink,
        clock: machineClock,
        awsTime: given.awsTime ?? machineTime(machineClock),
        random,
        log,
        retrier,
        signal: stopping.signal,
      },
      {
        StreamArn,
        once,
        from: 'trim-horizon',
        pace: { pollInterval: 250, maxPollInterval: 5000 },
        concurrency: 32,
        known: sink.known(),
        ...given,
      },
    );
    const end = reader.run();
    end.catch(() => undefined);
    onTestFinished(() => stopping.abort());
    const stop = () => {
      stopping.abort();
      return clock.runUntil(end);
    };
    return { reader, sink, log: log.lines, end, stop };
  }

  /** Reads until it ends by itself. */
  async function readOnce(more: Parameters<typeof read>[0] = {}): Promise<Reading & { readonly outcome: StreamEnd }> {
    const reading = read({ once: true, ...more });
    return { ...reading, outcome: await clock.runUntil(reading.end) };
  }

  /** Inputs of the calls of an operation so far. */
  const inputs = (operation: string, ShardId?: string) =>
    server.calls.entries
      .map(({ call }) => call)
      .filter((call) => call.operation === operation && (ShardId === undefined || call.ShardId === ShardId))
      .map(({ input }) => input);

  return {
    clock,
    model,
    server,
    streams,
    StreamArn,
    shards,
    ShardId: shards[0] ?? '',
    memorySink,
    read,
    readOnce,
    inputs,
  };
}

export const item = (key: string): WireItem => ({ PK: { S: key }, ttl: { N: '1795446313' } });

/** So many TTL deletions. */
export const deletions = (count: number) => Array.from({ length: count }, (_, index) => ttlDelete(item(`${index}`)));

export const idsOf = (put: readonly PutRecord[]): string[] => put.map(({ eventID }) => eventID);

export const iso = (time: number): string => new Date(time).toISOString();

/** Advances the clock in steps until the condition holds; throws after an hour. */
export async function advanceUntil(
  clock: Clock & { advance(ms: number): Promise<void> },
  condition: () => boolean,
  step = 250,
): Promise<void> {
  for (let waited = 0; !condition(); waited += step) {
    if (waited > HOUR) throw new Error('It has not happened within an hour.');
    await clock.advance(step);
  }
}
