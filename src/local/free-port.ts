import { once } from 'node:events';
import { createServer } from 'node:net';

/** A TCP port that nothing listens on at this moment. */
export function freePort(): Promise<number> {
  return listenOnce(0);
}

/** Whether `port` is free now, on all interfaces. */
export async function isFree(port: number): Promise<boolean> {
  return listenOnce(port).then(
    () => true,
    () => false,
  );
}

/** Listens on all interfaces, as DynamoDB Local does, and closes again. Returns the port. */
async function listenOnce(wanted: number): Promise<number> {
  const server = createServer().listen(wanted);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
  return address.port;
}
