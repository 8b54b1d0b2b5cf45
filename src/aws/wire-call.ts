import { Readable } from 'node:stream';
import type { NodeHttpHandler } from '@smithy/node-http-handler';
import type { MiddlewareStack } from '@smithy/types';
import { collectBody, parseBody } from './wire-body.js';

/** A successful answer: its JSON exactly as sent, and the length of its text in bytes. */
export interface WireAnswer {
  readonly json: Record<string, unknown>;
  readonly bytes: number;
}

/** What travels with one call through the SDK's middleware, attached to the command's input. */
interface Call extends Watching {
  readonly signal: AbortSignal;
  readonly body: string | undefined;
  response?: unknown;
  answer?: WireAnswer;
}

/** Who sees a successful answer as it comes. */
export interface Watching {
  /** Is given its text before that is parsed. */
  readonly onBody?: (body: Buffer) => Promise<void>;
  /** Is told how long it is before it is read, which waits for it. */
  readonly onSize?: ((bytes: number) => Promise<void>) | undefined;
}

/** What an answer that does not say how long it is may have: GetRecords gives at most 1 MB. */
const UNKNOWN_LENGTH = 1024 * 1024;

const CALL = Symbol('ttl-archive.call');

/** Error answers are a line of text; whatever is longer does not come from DynamoDB. */
const MAX_ERROR_BYTES = 1024 * 1024;

type Handler = Pick<NodeHttpHandler, 'handle'>;
type HttpRequest = Parameters<Handler['handle']>[0];

/**
 * Makes an SDK client take and give wire JSON: signing, endpoints and error names stay the SDK's, but the text of
 * requests and successful answers passes its (de)serialiser by, which would turn `B` into bytes and drop what it does
 * not know. The SDK's own retry is taken out. Calls then have to go through `callWire`.
 */
export function useWireJson<I extends object, O extends object>(
  stack: MiddlewareStack<I, O>,
  handler: Handler,
  onDate?: (date: string) => void,
): void {
  // It would look into an output that there is not.
  stack.remove('loggerMiddleware');
  // Takes the place of the SDK's retry, behind which signing is put by its name.
  stack.add((next) => next, { step: 'finalizeRequest', priority: 'high', name: 'retryMiddleware', override: true });
  // Before the SDK's own build steps, so that the content length and the signature are those of the new text.
  stack.add(
    (next) => (args) => {
      const { body } = callOf(args.input);
      if (body !== undefined) httpRequestOf(args.request).body = body;
      return next(args);
    },
    { step: 'build', priority: 'high', name: 'wireRequest' },
  );
  // Around the deserialiser: sends the request, and keeps a successful answer from it.
  stack.add(
    (next) => async (args) => {
      const call = callOf(args.input);
      call.response = await exchange({ handler, onDate }, httpRequestOf(args.request), call);
      return call.answer === undefined ? next(args) : { response: call.response };
    },
    { step: 'deserialize', priority: 'high', name: 'wireResponse' },
  );
  // Innermost, in place of the request handler: gives the deserialiser the error answer that came already.
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
  // Until then it waits in the connection, which takes no more of it than the system's buffers hold.
  if (success) await call.onSize?.(Number(response.headers['content-length'] ?? UNKNOWN_LENGTH));
  const date = response.headers['date'];
  // An error without a request id was made by something in between, whose clock is not AWS's.
  if (date !== undefined && (success || response.headers['x-amzn-requestid'] !== undefined)) onDate?.(date);
  const body = await collectBody(stream, success ? undefined : MAX_ERROR_BYTES);
  if (success) {
    await call.onBody?.(body);
    call.answer = { json: parseBody(body, response.headers['x-amz-crc32']), bytes: body.length };
  } else response.body = body;
  return response;
}

/**
 * Sends one command through a client prepared with `useWireJson` and gives the answer's wire JSON. With `wireInput`
 * this is what is sent, whatever the command's own input says. Throws the SDK's errors as they are.
 */
export async function callWire<C extends { readonly input: object }>(
  command: C,
  send: (command: C) => Promise<unknown>,
  { wireInput, ...options }: { readonly wireInput?: object | undefined; readonly signal: AbortSignal } & Watching,
): Promise<WireAnswer> {
  const call: Call = { ...options, body: wireInput === undefined ? undefined : JSON.stringify(wireInput) };
  Object.assign(command.input, { [CALL]: call });
  await send(command);
  const { answer } = call;
  if (answer === undefined) throw new TypeError('The SDK did not pass the answer through.');
  // The SDK remembers the first command of its kind for ever.
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
