import { tableNameOf } from '../lib/table-arn.js';
import { type Health, judgeHealth } from '../watch/health.js';
import type { WatchProgress } from '../watch/summary.js';
import { CONTENT_TYPE, exposition } from './exposition.js';
import { type Build, metricFamilies } from './metric-families.js';
import type { TableFacts } from './metrics.js';

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

interface MonitorOptions {
  readonly maxLagMs: number;
  readonly build: Build;
  /** Aborts when the process is asked to end. */
  readonly signal: AbortSignal;
}

interface Watched {
  readonly table: string;
  readonly progress: () => WatchProgress;
}

const INDEX = 'ttl-archive: /metrics for Prometheus, /healthz, /readyz\n';

/** Answers how the watched tables are, without I/O. */
export class Monitor {
  readonly #options: MonitorOptions;
  readonly #watched: Watched[] = [];

  constructor(options: MonitorOptions) {
    this.#options = options;
  }

  /** `table`: a name or an ARN. */
  add(table: string, progress: () => WatchProgress): void {
    this.#watched.push({ table: tableNameOf(table), progress });
  }

  /** The answer to a GET of a path; undefined for an unknown one. */
  answer(path: string): Answer | undefined {
    if (path === '/metrics') {
      return { status: 200, type: CONTENT_TYPE, body: exposition(metricFamilies(this.#options.build, this.#facts())) };
    }
    if (path === '/healthz') return this.#health();
    if (path === '/readyz') return this.#readiness();
    return path === '/' ? { status: 200, type: 'text/plain; charset=utf-8', body: INDEX } : undefined;
  }

  #health(): Answer {
    const bad = this.#facts().find(({ health }) => health.status !== 'ok');
    if (bad === undefined) return json(200, { status: 'ok' });
    const { table, health, progress } = bad;
    return json(503, { ...health, table, ...(progress.lagMs !== undefined && { lagSeconds: progress.lagMs / 1000 }) });
  }

  #readiness(): Answer {
    if (this.#options.signal.aborted) return json(503, { status: 'stopping' });
    const isReady = this.#watched.length > 0 && this.#watched.every(({ progress }) => progress().isReady);
    return isReady ? json(200, { status: 'ready' }) : json(503, { status: 'starting' });
  }

  #facts(): TableFacts[] {
    const { maxLagMs } = this.#options;
    return this.#watched.map((watched) => {
      const progress = watched.progress();
      return { table: watched.table, progress, health: healthOf(progress, maxLagMs), maxLagMs };
    });
  }
}

function healthOf(progress: WatchProgress, maxLagMs: number): Health {
  return judgeHealth({ ...progress, isPaused: progress.upload?.isPaused }, maxLagMs);
}

function json(status: number, body: object): Answer {
  return { status, type: 'application/json; charset=utf-8', body: `${JSON.stringify(body)}\n` };
}
