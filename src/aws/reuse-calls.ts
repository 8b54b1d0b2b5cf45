import { answerOf, type Call, type CallOptions, type Repeat, sendCall, type WireAnswer } from './wire-call.js';

/**
 * Sends commands of one kind, whose endpoint does not depend on their input. What the SDK does before it signs a request –
 * the endpoint, the headers, the choice of the signer – takes a third of a call's CPU time, and has the same result for each
 * of them. So it is done once for each call in flight, and later calls go on from there with a body of their own, as the
 * attempts of the SDK's own retry do. The signing, with the keys and the clock of the moment, and the errors stay the SDK's.
 *
 * @param send Sends a command through a client prepared with `useWireJson`, whose middleware is not cached.
 */
export function reuseCalls<I extends object, C extends { readonly input: object }>(
  Command: new (input: I) => C,
  send: (command: C) => Promise<unknown>,
): (input: I, options: CallOptions) => Promise<WireAnswer> {
  // The SDK notes in the context of each when its request was signed: one call at a time may use it.
  const idle: Repeat[] = [];
  return async (input, options) => {
    let repeat = idle.pop();
    const call: Call = { ...options, body: JSON.stringify(input), onPrepared: (prepared) => (repeat = prepared) };
    try {
      if (repeat === undefined) await sendCall(new Command({ ...input }), send, call);
      else await repeat(call);
    } finally {
      if (repeat !== undefined) idle.push(repeat);
    }
    return answerOf(call);
  };
}

interface SigningConfig<Scheme, Signer> {
  signer: (scheme?: Scheme) => Promise<Signer>;
}

/** Has a client create one signer, and not one for each request. It asks for the credentials each time it signs. */
export function reuseSigner<Scheme, Signer>(config: SigningConfig<Scheme, Signer>): void {
  const { signer: create } = config;
  let signer: Promise<Signer> | undefined;
  // Only an endpoint with rules of its own passes a scheme.
  config.signer = (scheme) => (scheme === undefined ? (signer ??= create()) : create(scheme));
}
