import { versions } from 'node:process';
import { TtlArchiveError } from '../errors.js';
import type { MonitoredTable } from '../monitor/monitor.js';
import type { Log } from '../ports/index.js';
import type { Io } from './io.js';
import { ownVersion } from './versions.js';

export interface MonitorOptions {
  readonly metricsPort?: number;
  readonly metricsHost?: string;
}

/** Tells the metrics port where the progress of the tables is. */
export type Monitored = (progress: () => readonly MonitoredTable[]) => void;

/**
 * Runs `work` with the metrics port open, which is loaded only when the options ask for it. Throws USAGE for an
 * address without a port, and when the port cannot be used.
 */
export async function withMonitor<T>(
  { metricsPort: port, metricsHost }: MonitorOptions,
  { io, log }: { readonly io: Io; readonly log: Log },
  work: (add: Monitored) => Promise<T>,
): Promise<T> {
  if (port === undefined) {
    if (metricsHost === undefined) return work(() => undefined);
    throw new TtlArchiveError('USAGE', '--metrics-host needs --metrics-port.', {
      remedy: 'Add a port, as with --metrics-port 9464, or leave --metrics-host out.',
    });
  }
  const [{ Monitor }, { serveMonitor }] = await Promise.all([
    import('../monitor/monitor.js'),
    import('../monitor/monitor-server.js'),
  ]);
  const build = { version: ownVersion(), node: versions.node };
  const monitor = new Monitor({ build, signal: io.signal });
  const server = await serveMonitor(monitor, { port, host: metricsHost ?? '127.0.0.1', log });
  try {
    return await work((progress) => monitor.add(progress));
  } finally {
    await server.close();
  }
}
