import { Readable } from 'node:stream';
import type { NodeHttpHandler } from '@smithy/node-http-handler';
import type { MiddlewareStack } from '@smithy/types';
import { checkBody, collectBody } from './wire-body.js';

/** The text of a successful response, which matches its checksum. */
export type WireAnswer = Buffer;

/** The state of one call in the SDK's middleware, attached to the command's input. */
interface Call extends ResponseHooks {
  readonly signal: AbortSignal;
  readonly body: string | undefined;
  response?: unknown;
  answer?: WireAnswer;
}

/** Called while a successful response comes in. */
export interface ResponseHooks {
  /** With its text before that is parsed; parsing waits for it. */
  readonly onBody?: (body: Buffer) => Promise<void>;
  /** With its length before it is read; reading waits for it. */
  readonly onSize?: ((bytes: number) => Promise<void>) | undefined;
}

/** Bytes of a response that does not tell its length: GetRecords returns at most 1 MB. */
const UNKNOWN_LENGTH = 1024 * 1024;

const CALL = Symbol('ttl-archive.call');

/** DynamoDB's error responses are a line of text; whatever is longer does not come from DynamoDB. */
const MAX_ERROR_BYTES = 1024 * 1024;

type Handler = Pick<NodeHttpHandler, 'handle'>;
type HttpRequest = Parameters<Handler['handle']>[0];

/**
 * Makes an SDK client send and return wire JSON: signing, endpoints and error names stay the SDK's, but requests and
 * successful responses bypass its (de)serialiser, which would turn `B` into bytes and drop members that it does not know.
 * The SDK's own retry is removed. Calls then have to be made with `callWire`.
 */
export function useWireJson<I extends object, O extends object>(
  stack: MiddlewareStack<I, O>,
  handler: Handler,
  onDate?: (date: string) => void,
): void {
  // It would read the SDK's output, which does not exist here.
  stack.remove('loggerMiddleware');
  // Replaces the SDK's retry. The name has to stay: signing is placed after it by name.
  stack.add((next) => next, { step: 'finalizeRequest', priority: 'high', name: 'retryMiddleware', override: true });
  // Before the SDK's own build steps, so that the content length and the signature are those of this body.
  stack.add(
    (next) => (args) => {
      const { body } = callOf(args.input);
      if (body !== undefined) httpRequestOf(args.request).body = body;
      return next(args);
    },
    { step: 'build', priority: 'high', name: 'wireRequest' },
  );
  // Around the deserialiser: sends the request, and does not pass a successful response on.
  stack.add(
    (next) => async (args) => {
      const call = callOf(args.input);
      call.response = await exchange({ handler, onDate }, httpRequestOf(args.request), call);
      return call.answer === undefined ? next(args) : { response: call.response };
    },
    { step: 'deserialize', priority: 'high', name: 'wireResponse' },
  );
  // Innermost, in place of the request handler: gives the deserialiser the error response that came already.
  stack.add(() => (args) => Promise.resolve({ response: callOf(args.input).response }), {
    step: 'deserialize',
    priority: 'low',
    name: 'wireError',
  });
}

async function exchange(
  { handler, onDate }: { handler: Handler; onDate: ((date: string) => void) | undefined },
  request: HttpRequest,
  call: Call,
) {
  const { response } = await handler.handle(request, { abortSignal: call.signal });
  const stream: unknown = response.body;
  if (!(stream instanceof Readable)) throw new TypeError('The request handler gives no stream.');
  const success = response.statusCode >= 200 && response.statusCode < 300;
  // Until then it waits in the connection, which receives no more of it than the system's buffers hold.
  if (success) await call.onSize?.(Number(response.headers['content-length'] ?? UNKNOWN_LENGTH));
  const date = response.headers['date'];
  // An error without a request id comes from something in between, whose clock is not AWS's.
  if (date !== undefined && (success || response.headers['x-amzn-requestid'] !== undefined)) onDate?.(date);
  const body = await collectBody(stream, success ? undefined : MAX_ERROR_BYTES);
  if (success) {
    await call.onBody?.(body);
    checkBody(body, response.headers['x-amz-crc32']);
    call.answer = body;
  } else response.body = body;
  return response;
}

/**
 * Sends one command through a client prepared with `useWireJson`. With `wireInput` that is sent instead of the command's
 * own input. Throws the SDK's errors as they are.
 */
export async function callWire<C extends { readonly input: object }>(
  command: C,
  send: (command: C) => Promise<unknown>,
  { wireInput, ...options }: { readonly wireInput?: object | undefined; readonly signal: AbortSignal } & ResponseHooks,
): Promise<WireAnswer> {
  const call: Call = { ...options, body: wireInput === undefined ? undefined : JSON.stringify(wireInput) };
  Object.assign(command.input, { [CALL]: call });
  await send(command);
  const { answer } = call;
  if (answer === undefined) throw new TypeError('The SDK did not pass the answer through.');
  // The SDK keeps a reference to the first command of its kind.
  Object.assign(command.input, { [CALL]: undefined });
  return answer;
}

function callOf(input: { readonly [CALL]?: Call }): Call {
  const call = input[CALL];
  if (call === undefined) throw new TypeError('This client takes calls through callWire only.');
  return call;
}

function httpRequestOf(request: unknown): HttpRequest {
  if (!isHttpRequest(request)) throw new TypeError('The SDK has no HTTP request at this step.');
  return request;
}

function isHttpRequest(request: unknown): request is HttpRequest {
  return typeof request === 'object' && request !== null && 'headers' in request && 'body' in request;
}
