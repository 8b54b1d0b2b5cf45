import { Readable } from 'node:stream';
import type { NodeHttpHandler } from '@smithy/node-http-handler';
import type { MiddlewareStack } from '@smithy/types';
import { checkBody, collectBody } from './wire-body.js';
import { CALL, type Call, callOf } from './wire-call.js';

/** Bytes of a response that does not tell its length: GetRecords returns at most 1 MB. */
const UNKNOWN_LENGTH = 1024 * 1024;

/** DynamoDB's error responses are a line of text; whatever is longer does not come from DynamoDB. */
const MAX_ERROR_BYTES = 1024 * 1024;

type Handler = Pick<NodeHttpHandler, 'handle'>;
type HttpRequest = Parameters<Handler['handle']>[0];

/**
 * Makes an SDK client send and return wire JSON: signing, endpoints and error names stay the SDK's, but requests and
 * successful responses bypass its (de)serialiser, which would turn `B` into bytes and drop members that it does not know.
 * The SDK's own retry is removed. Calls then have to be made with `callWire` or `reuseCalls`.
 */
export function useWireJson<I extends object, O extends object>(
  stack: MiddlewareStack<I, O>,
  handler: Handler,
  onDate?: (date: string) => void,
): void {
  // It would read the SDK's output, which does not exist here.
  stack.remove('loggerMiddleware');
  // Replaces the SDK's retry, which calls `next` for every attempt. The name has to stay: signing is placed after it by name.
  stack.add(
    (next) => (args) => {
      const { input } = args;
      const request = httpRequestOf(args.request);
      callOf(input).onPrepared?.((call) =>
        next({ input: { ...input, [CALL]: call }, request: withBody(request, call.body) }),
      );
      return next(args);
    },
    { step: 'finalizeRequest', priority: 'high', name: 'retryMiddleware', override: true },
  );
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
  const { response } = await handler.handle(request, { abortSignal: call.ending });
  const stream: unknown = response.body;
  if (!(stream instanceof Readable)) throw new TypeError('The request handler gives no stream.');
  const success = response.statusCode >= 200 && response.statusCode < 300;
  // Until then it waits in the connection, which receives no more of it than the system's buffers hold.
  const room = success ? call.onSize?.(Number(response.headers['content-length'] ?? UNKNOWN_LENGTH)) : undefined;
  if (room !== undefined) await room;
  const date = response.headers['date'];
  // An error without a request id comes from something in between, whose clock is not AWS's.
  if (date !== undefined && (success || response.headers['x-amzn-requestid'] !== undefined)) onDate?.(date);
  const body = await collectBody(stream, success ? undefined : MAX_ERROR_BYTES);
  if (success) {
    const turn = call.onBody?.(body);
    if (turn !== undefined) await turn;
    checkBody(body, response.headers['x-amz-crc32']);
    call.answer = body;
  } else response.body = body;
  return response;
}

function httpRequestOf(request: unknown): HttpRequest {
  if (!isHttpRequest(request)) throw new TypeError('The SDK has no HTTP request at this step.');
  return request;
}

function isHttpRequest(request: unknown): request is HttpRequest {
  return typeof request === 'object' && request !== null && 'headers' in request && 'body' in request;
}

/** The request is still to be signed: what the signature adds is in a copy of it. */
function withBody(request: HttpRequest, body = ''): HttpRequest {
  const copy = request.clone();
  copy.headers['content-length'] = String(Buffer.byteLength(body));
  copy.body = body;
  return copy;
}
