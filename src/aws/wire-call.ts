import type { CallEnding } from './call-endings.js';

/** The text of a successful response, which matches its checksum. */
export type WireAnswer = Buffer;

/** The state of one call in the SDK's middleware, attached to the command's input. */
export interface Call extends CallOptions {
  /** In the place of the command's own input. */
  readonly body: string | undefined;
  /** Gets the SDK's own way to send another call like this one. */
  readonly onPrepared?: (repeat: Repeat) => void;
  response?: unknown;
  answer?: WireAnswer;
}

/** What one call needs. */
export interface CallOptions extends ResponseHooks {
  readonly ending: CallEnding;
}

/** Sends a call with a body of its own, from the signing on, as the SDK's retry does. */
export type Repeat = (call: Call) => Promise<unknown>;

/** Called while a successful response comes in. */
interface ResponseHooks {
  /** With its text before that is parsed; parsing waits for what it returns. */
  readonly onBody?: (body: Buffer) => Promise<void> | undefined;
  /** With its length before it is read; reading waits for what it returns. */
  readonly onSize?: ((bytes: number) => Promise<void> | undefined) | undefined;
}

/** Where a command's input has its call. */
export const CALL = Symbol('ttl-archive.call');

/**
 * Sends one command through a client prepared with `useWireJson`. With `wireInput` that is sent instead of the command's
 * own input. Throws the SDK's errors as they are.
 */
export async function callWire<C extends { readonly input: object }>(
  command: C,
  send: (command: C) => Promise<unknown>,
  { wireInput, ...options }: { readonly wireInput?: object | undefined } & CallOptions,
): Promise<WireAnswer> {
  const call: Call = { ...options, body: wireInput === undefined ? undefined : JSON.stringify(wireInput) };
  await sendCall(command, send, call);
  return answerOf(call);
}

/** Sends a command on behalf of a call. */
export async function sendCall<C extends { readonly input: object }>(
  command: C,
  send: (command: C) => Promise<unknown>,
  call: Call,
): Promise<void> {
  Object.assign(command.input, { [CALL]: call });
  try {
    await send(command);
  } finally {
    // What the SDK has prepared for the command refers to it, and must not keep the answer.
    Object.assign(command.input, { [CALL]: undefined });
  }
}

export function answerOf({ answer }: Call): WireAnswer {
  if (answer === undefined) throw new TypeError('The SDK did not pass the answer through.');
  return answer;
}

export function callOf(input: { readonly [CALL]?: Call }): Call {
  const call = input[CALL];
  if (call === undefined) throw new TypeError('This client takes calls through callWire and reuseCalls only.');
  return call;
}
