import { versions } from 'node:process';
import { TtlArchiveError } from '../errors.js';
import type { MonitoredTable } from '../monitor/monitor.js';
import type { Log } from '../ports/index.js';
import { DEFAULT_MAX_LAG } from '../watch/health.js';
import type { Io } from './io.js';
import { ownVersion } from './versions.js';

export interface MonitorOptions {
  readonly metricsPort?: number;
  readonly metricsHost?: string;
  /** Milliseconds. */
  readonly maxLag?: number;
}

/** Tells the metrics port where the progress of the tables is. */
export type Monitored = (progress: () => readonly MonitoredTable[]) => void;

/**
 * Runs `work` with the metrics port open, which is loaded only when the options ask for it. Throws USAGE for options that
 * need the port, and when it cannot be used.
 */
export async function withMonitor<T>(
  { metricsPort: port, metricsHost, maxLag }: MonitorOptions,
  { io, log }: { readonly io: Io; readonly log: Log },
  work: (add: Monitored) => Promise<T>,
): Promise<T> {
  if (port === undefined) {
    checkUnused('--metrics-host', metricsHost);
    checkUnused('--max-lag', maxLag);
    return work(() => undefined);
  }
  const [{ Monitor }, { serveMonitor }] = await Promise.all([
    import('../monitor/monitor.js'),
    import('../monitor/monitor-server.js'),
  ]);
  const build = { version: ownVersion(), node: versions.node };
  const monitor = new Monitor({ maxLagMs: maxLag ?? DEFAULT_MAX_LAG, build, signal: io.signal });
  const server = await serveMonitor(monitor, { port, host: metricsHost ?? '127.0.0.1', log });
  try {
    return await work((progress) => monitor.add(progress));
  } finally {
    await server.close();
  }
}

function checkUnused(option: string, value: unknown): void {
  if (value === undefined) return;
  throw new TtlArchiveError('USAGE', `${option} needs --metrics-port.`, {
    remedy: `Add a port, as with --metrics-port 9464, or leave ${option} out.`,
  });
}
