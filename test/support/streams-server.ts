/** A loopback server that speaks the wire protocols of DynamoDB Streams and, as far as a table is resolved, DynamoDB. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Answer, send } from './streams-server/answer.js';
import { CallLog } from './streams-server/call-log.js';
import type { Call, Fault, FaultPlan } from './streams-server/faults.js';
import { perform, subjectOf } from './streams-server/operations.js';
import { ServiceError } from './streams-server/service-error.js';
import type { StreamModel } from './streams-server/stream-model.js';

export * from './streams-server/change-records.js';
export * from './streams-server/faults.js';
export { StreamModel } from './streams-server/stream-model.js';

export interface StreamsServerOptions {
  readonly model: StreamModel;
  readonly faults?: FaultPlan;
  /** From the call's arrival to its answer, which is made at the end of it. Default 0. */
  readonly latencyMs?: number;
  /** GetRecords calls under way at once for one shard, beyond which they are throttled. Default: no limit. */
  readonly readersPerShard?: number;
  /** Keeps each call in `calls.entries`. */
  readonly log?: boolean;
  /** Default: any free port. */
  readonly port?: number;
  /** Answers `POST /control`. */
  readonly control?: (body: string, server: StreamsServer) => unknown;
}

export interface StreamsServer {
  readonly endpointUrl: string;
  readonly model: StreamModel;
  readonly calls: CallLog;
  /** May be replaced at any moment. */
  faults: FaultPlan | undefined;
  latencyMs: number;
  readersPerShard: number | undefined;
  /** Destroys open connections, stalled ones too. */
  close(): Promise<void>;
}

/** Starts listening on 127.0.0.1. */
export async function startStreamsServer(options: StreamsServerOptions): Promise<StreamsServer> {
  const { model } = options;
  const http = createServer({ noDelay: true, keepAliveTimeout: 0, requestTimeout: 0 }, (request, response) => {
    readBody(request).then(
      (text) => (request.url === '/control' ? control(text, response) : answer(request, response, text)),
      () => undefined, // The client went away before its call was complete.
    );
  });
  const readers = new Map<string, number>();
  let number = 0;
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen({ host: '127.0.0.1', port: options.port ?? 0, backlog: 4096 }, resolve);
  });
  const address = http.address();
  const server: StreamsServer = {
    endpointUrl: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    model,
    calls: new CallLog(options.log),
    faults: options.faults,
    latencyMs: options.latencyMs ?? 0,
    readersPerShard: options.readersPerShard,
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
  return server;

  function answer(request: IncomingMessage, response: ServerResponse, text: string): void {
    const { target, call, problem } = understand(request, text);
    const entry = server.calls.begin(call);
    const { ShardId } = call;
    const reading = call.operation === 'GetRecords' && ShardId !== undefined;
    if (reading) readers.set(ShardId, (readers.get(ShardId) ?? 0) + 1);
    response.once('close', () => {
      server.calls.end();
      if (!reading) return;
      const left = (readers.get(ShardId) ?? 0) - 1;
      if (left > 0) readers.set(ShardId, left);
      else readers.delete(ShardId);
    });
    const fault = server.faults?.(call);
    const crowded = reading && (readers.get(ShardId) ?? 0) > (server.readersPerShard ?? Infinity);
    const delay = server.latencyMs + (fault?.kind === 'latency' ? fault.ms : 0);
    const act = () => {
      if (response.destroyed) return;
      const { body, status, outcome } = outcomeOf(() => {
        if (problem) throw problem;
        if (crowded) throw new ServiceError('LimitExceededException', 'Too many readers of the shard');
        return perform(model, target, call.input);
      }, fault);
      entry.outcome = outcome;
      response.setHeader('date', new Date(model.now()).toUTCString());
      send(response, { body, status }, fault);
    };
    if (delay > 0) setTimeout(act, delay);
    else act();
  }

  function understand(request: IncomingMessage, text: string): { target: string; call: Call; problem?: ServiceError } {
    number += 1;
    const target = String(request.headers['x-amz-target']);
    const input = parseObject(text);
    const call: Call = {
      number,
      operation: target.slice(target.indexOf('.') + 1),
      input: input ?? {},
      ...subjectOf(model, input ?? {}),
      accessKeyId: /Credential=([^/]+)/.exec(request.headers.authorization ?? '')?.[1] ?? '',
      at: model.now(),
    };
    const problem = new ServiceError('SerializationException', 'The body is not a JSON object');
    return { target, call, ...(input === undefined && { problem }) };
  }

  function control(text: string, response: ServerResponse): void {
    let result: { status: number; value: unknown };
    try {
      result = { status: 200, value: options.control?.(text, server) ?? {} };
    } catch (error) {
      result = { status: 400, value: { message: String(error) } };
    }
    response.writeHead(result.status, { 'content-type': 'application/json' }).end(JSON.stringify(result.value));
  }
}

function outcomeOf(work: () => string, fault: Fault | undefined): Answer & { outcome: string } {
  try {
    if (fault?.kind === 'error') throw new ServiceError(fault.type, fault.message ?? fault.type, fault.status);
    return { status: 200, body: work(), outcome: fault?.kind ?? 'ok' };
  } catch (error) {
    if (!(error instanceof ServiceError)) {
      return { status: 500, body: JSON.stringify({ message: String(error) }), outcome: 'a bug of the simulation' };
    }
    return { status: error.status, body: error.body, outcome: error.type };
  }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : undefined;
  } catch {
    return undefined;
  }
}

function readBody(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => resolve(Buffer.concat(chunks).toString()));
    request.once('error', reject);
  });
}
