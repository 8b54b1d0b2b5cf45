import { TtlArchiveError } from '../errors.js';
import { startDynamoDbLocal } from '../local/dynamodb-local.js';
import { isFree } from '../local/free-port.js';
import { isAnswering } from '../local/is-answering.js';
import type { Clock, Log } from '../ports/index.js';
import { LOCAL_URL, PORT } from './local-url.js';

/** A DynamoDB Local that another command is starting answers within a few seconds. */
const START_TIMEOUT_MS = 5_000;
const POLL_MS = 100;

interface Context {
  readonly log: Log;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface LocalEndpoint {
  readonly endpointUrl: string;
  /** Started by this command: empty, and used by no other. */
  readonly isOwn: boolean;
  /** Stops the embedded DynamoDB Local; does nothing to one that was running already. */
  stop(): Promise<void>;
}

/**
 * The endpoint for `--local`: the DynamoDB Local that answers at http://localhost:8000, else the embedded one, started
 * there. Throws LOCAL when something else listens on that port, or when the embedded one cannot run.
 */
export async function openLocalEndpoint(context: Context): Promise<LocalEndpoint> {
  const { log, signal } = context;
  const existing = { endpointUrl: LOCAL_URL, isOwn: false, stop: async () => undefined };
  const found = await probe(context);
  if (found === 'answers') return existing;
  if (found === 'other') throw portTaken();
  try {
    const local = await startDynamoDbLocal({ port: PORT, signal });
    log.info({ event: 'dynamodb-local.started', endpoint: local.endpointUrl }, 'DynamoDB Local started');
    void local.exited.then((error) => {
      if (error !== undefined)
        log.error({ event: 'dynamodb-local.exited', reason: error.message }, 'DynamoDB Local ended');
    });
    return { endpointUrl: local.endpointUrl, isOwn: true, stop: () => local.stop() };
  } catch (error) {
    signal.throwIfAborted();
    // Two commands may start one at the same moment.
    if ((await probe(context)) === 'answers') return existing;
    throw error;
  }
}

async function probe({ clock, signal }: Context): Promise<'answers' | 'free' | 'other'> {
  const giveUpAt = clock.now() + START_TIMEOUT_MS;
  for (;;) {
    if (await isAnswering(LOCAL_URL)) return 'answers';
    if (await isFree(PORT)) return 'free';
    if (clock.now() > giveUpAt) return 'other';
    await clock.sleep(POLL_MS, signal);
    signal.throwIfAborted();
  }
}

function portTaken(): TtlArchiveError {
  return new TtlArchiveError('LOCAL', `Port ${PORT}, which --local uses, is taken by a process that is not DynamoDB.`, {
    remedy: 'End that process, or use another port, with --endpoint-url http://localhost:8001 instead of --local:',
    commands: [{ program: 'ttl-archive', args: ['local', '--port', '8001'] }],
  });
}
