import { TtlArchiveError } from '../errors.js';
import { startDynamoDbLocal } from '../local/dynamodb-local.js';
import { isFree } from '../local/free-port.js';
import { isAnswering } from '../local/is-answering.js';
import type { Clock, Log } from '../ports/index.js';
import { LOCAL_URL, PORT } from './local-url.js';

/** A DynamoDB Local that another command is starting right now answers within a few seconds. */
const PATIENCE_MS = 5_000;
const POLL_MS = 100;

export interface LocalEndpoint {
  readonly endpointUrl: string;
  /** This command has started it: it is empty, and nobody else's. */
  readonly isOwn: boolean;
  /** Stops the embedded DynamoDB Local; one that was there already stays. */
  stop(): Promise<void>;
}

/**
 * What `--local` connects to: the DynamoDB Local that answers at http://localhost:8000, else the embedded one, started
 * there. Throws LOCAL when something else listens on that port, or when the embedded one cannot run.
 */
export async function openLocalEndpoint({
  log,
  clock,
  signal,
}: {
  log: Log;
  clock: Clock;
  signal: AbortSignal;
}): Promise<LocalEndpoint> {
  const existing = { endpointUrl: LOCAL_URL, isOwn: false, stop: async () => undefined };
  const found = await look({ clock, signal });
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
    if ((await look({ clock, signal })) === 'answers') return existing;
    throw error;
  }
}

async function look({ clock, signal }: { clock: Clock; signal: AbortSignal }): Promise<'answers' | 'free' | 'other'> {
  const giveUpAt = clock.now() + PATIENCE_MS;
  for (;;) {
    if (await isAnswering(LOCAL_URL)) return 'answers';
    if (await isFree(PORT)) return 'free';
    if (clock.now() > giveUpAt) return 'other';
    await clock.sleep(POLL_MS, signal);
    signal.throwIfAborted();
  }
}

function portTaken(): TtlArchiveError {
  return new TtlArchiveError('LOCAL', `Something that is not DynamoDB listens on port ${PORT}, which --local uses.`, {
    remedy: 'End that process, or use another port, and --endpoint-url http://localhost:8001 instead of --local:',
    commands: [{ program: 'ttl-archive', args: ['local', '--port', '8001'] }],
  });
}
