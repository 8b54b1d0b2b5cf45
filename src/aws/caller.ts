import type { NodeHttpHandler } from '@smithy/node-http-handler';
import { agentsFor, type Network } from '../connection/network.js';
import type { ServiceId, Settings } from '../connection/settings.js';
import { hasCode } from '../errors.js';
import type { Connection } from '../ports/index.js';
import { type CallEnding, CallEndings } from './call-endings.js';
import { isClockCorrected, toTtlArchiveError } from './error-mapping.js';
import { nodeHttpHandler } from './sdk.js';
import { SigningHash } from './signing-hash.js';
import type { WireAnswer } from './wire-call.js';

/** The options of both clients. */
export interface ClientOptions {
  /** Most calls in flight; each has a connection of its own. Default 50. */
  readonly maxSockets?: number;
  /** Milliseconds for one call, including the reading of its response. Default 30,000. */
  readonly callTimeout?: number;
  /** Milliseconds until a connection is established. Default 5,000. */
  readonly connectTimeout?: number;
  /** Called with the `Date` header of each response, errors included, as soon as it comes. */
  readonly onDate?: ((date: string) => void) | undefined;
}

/** The part of an SDK client's configuration that is the same for both services. */
export interface SdkConfig {
  readonly region: string;
  readonly maxAttempts: 1;
  readonly retryMode: 'standard';
  readonly defaultsMode: 'standard';
  readonly requestHandler: NodeHttpHandler;
  readonly [more: string]: unknown;
}

export interface CallerOptions<Client> extends ClientOptions {
  readonly service: ServiceId;
  readonly connection: Connection;
  /** Loads the SDK package and creates its client. */
  readonly createClient: (config: SdkConfig) => Promise<Client>;
}

interface CallRequest<Client> {
  readonly operation: string;
  readonly table?: string | undefined;
  readonly signal: AbortSignal | undefined;
  readonly send: (client: Client, ending: CallEnding) => Promise<WireAnswer>;
}

export interface Caller<Client> {
  /** Makes one call. Throws TtlArchiveError, or the signal's reason when the signal aborts. */
  call(request: CallRequest<Client>): Promise<WireAnswer>;
  /** The endpoint is on this machine; undefined before the first call. */
  readonly isLoopback: boolean | undefined;
  close(): void;
}

interface Session<Client> {
  readonly client: Client;
  readonly settings: Settings;
}

/**
 * Sends calls through one SDK client, which is created by the first call. When AWS rejects the credentials, a new client
 * looks them up again and the call is repeated once, so that rotated keys are picked up. Calls that fail at the same time
 * share the new client. There is no other retry.
 */
export function createCaller<Client>(options: CallerOptions<Client>): Caller<Client> {
  const { service, connection, createClient, callTimeout = 30_000 } = options;
  const endings = new CallEndings(callTimeout);
  let handler: NodeHttpHandler | undefined;
  let current: Promise<Session<Client>> | undefined;
  let isLoopback: boolean | undefined;

  async function open(refresh: boolean): Promise<Session<Client>> {
    const { rereadSharedConfigFiles, resolveSettings } = await import('../connection/settings.js');
    if (refresh) await rereadSharedConfigFiles();
    const settings = await resolveSettings(service, connection);
    isLoopback = settings.loopback;
    // One handler for all clients: connections stay open when the client is replaced.
    handler ??= await createHandler(options, settings);
    return { client: await createClient(sdkConfig(settings, connection, handler)), settings };
  }

  async function attempt(request: CallRequest<Client>, opened: Promise<Session<Client>>): Promise<WireAnswer> {
    let settings: Settings | undefined;
    try {
      return await endings.run(request.signal, async (ending) => {
        const { client, settings: known } = await opened;
        settings = known;
        return request.send(client, ending);
      });
    } catch (error) {
      request.signal?.throwIfAborted();
      const { operation, table } = request;
      throw toTtlArchiveError(error, { operation, table, region: 'the region', loopback: false, ...settings });
    }
  }

  return {
    get isLoopback() {
      return isLoopback;
    },
    async call(request) {
      request.signal?.throwIfAborted();
      current ??= open(false);
      const used = current;
      try {
        return await attempt(request, used);
      } catch (error) {
        if (!hasCode(error, 'CREDENTIALS')) throw error;
        if (current === used && !isClockCorrected(error)) current = open(true);
        return await attempt(request, current);
      }
    },
    close() {
      handler?.destroy();
    },
  };
}

async function createHandler({ maxSockets = 50, connectTimeout = 5000 }: ClientOptions, network: Network) {
  const { NodeHttpHandler: Handler } = nodeHttpHandler();
  const agents = await agentsFor(network, { keepAlive: true, maxSockets });
  return new Handler({ connectionTimeout: connectTimeout, ...agents });
}

/** The SDK would write warnings to the console, in the middle of our log. */
const SILENT = { trace: noop, debug: noop, info: noop, warn: noop, error: noop };

function noop(): void {}

function sdkConfig(
  { endpoint, region, loopback, credentials }: Settings,
  { profile }: Connection,
  requestHandler: NodeHttpHandler,
): SdkConfig {
  return {
    region,
    maxAttempts: 1,
    retryMode: 'standard',
    defaultsMode: 'standard',
    requestHandler,
    logger: SILENT,
    sha256: SigningHash,
    // connection/settings.ts has read them already.
    ignoreConfiguredEndpointUrls: true,
    ...(endpoint !== undefined && { endpoint }),
    ...(loopback && { useFipsEndpoint: false, useDualstackEndpoint: false }),
    ...(credentials !== undefined && { credentials }),
    ...(profile !== undefined && { profile }),
  };
}
