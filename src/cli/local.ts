import { once } from 'node:events';
import { startDynamoDbLocal } from '../local/dynamodb-local.js';
import type { LogOptions } from './command.js';
import type { Io } from './io.js';
import { createLog } from './logging.js';
import { commandLines } from './next-commands.js';

export interface LocalOptions extends LogOptions {
  readonly port: number;
}

const LIST_TABLES = { program: 'aws', args: ['dynamodb', 'list-tables'] } as const;

/** Runs `local` until the signal aborts; throws LOCAL when DynamoDB Local ends by itself. */
export async function runLocal({ port, ...options }: LocalOptions, io: Io): Promise<void> {
  const log = createLog(options, io);
  const local = await startDynamoDbLocal({ port, signal: io.signal });
  try {
    io.stdout.write(`${local.endpointUrl}\n`);
    log.info(
      {
        event: 'dynamodb-local.started',
        try: commandLines([LIST_TABLES], { ...options, endpointUrl: local.endpointUrl }, io.env).join(),
      },
      'DynamoDB Local is ready; Ctrl-C stops it and forgets its tables',
    );
    log.warn(
      { event: 'dynamodb-local.exposed', port },
      'DynamoDB Local listens on every network interface: it has no option to listen on loopback only',
    );
    const error = await Promise.race([local.exited, untilAborted(io.signal)]);
    if (error !== undefined) throw error;
  } finally {
    await local.stop();
  }
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
