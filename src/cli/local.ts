import { startDynamoDbLocal } from '../local/dynamodb-local.js';
import type { LogOptions } from './command.js';
import type { Io } from './io.js';

export interface LocalOptions extends LogOptions {
  readonly port: number;
}

/** Runs `local`. */
export async function local({ port }: LocalOptions, io: Io): Promise<void> {
  const running = await startDynamoDbLocal({ port, signal: io.signal });
  io.stdout.write(`${running.endpointUrl}\n`);
  io.stderr.write(
    `DynamoDB Local is running; Ctrl-C ends it. Try: aws dynamodb list-tables --endpoint-url ${running.endpointUrl}\n`,
  );
  const stopped = new Promise<undefined>((resolve) => {
    if (io.signal.aborted) resolve(undefined);
    io.signal.addEventListener('abort', () => resolve(undefined));
  });
  const died = await Promise.race([running.exited, stopped]);
  await running.stop();
  if (died !== undefined) throw died;
}
