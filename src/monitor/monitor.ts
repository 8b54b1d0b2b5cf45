import { tableNameOf } from '../lib/table-arn.js';
import { type Health, judgeHealth } from '../watch/health.js';
import { sumProgress } from '../watch/sum-progress.js';
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
  readonly build: Build;
  /** Aborts when the process is asked to end. */
  readonly signal: AbortSignal;
}

export interface MonitoredTable {
  /** A name or an ARN. */
  readonly table: string;
  readonly progress: WatchProgress;
  /** Its archiving failed, and is tried again: the process is ready without it. */
  readonly isFailing?: boolean;
}

/** Tables that have metrics of their own; the others are added up as `OTHER`, which cannot be the name of a table. */
const MAX_TABLES = 100;
const OTHER = '(other)';

const ALL_FAILING = { status: 'failing', reason: 'No table can be archived now; the log says why.' };

const INDEX = 'ttl-archive: /metrics for Prometheus, /healthz, /readyz\n';

/** Answers how the watched tables are, without I/O. */
export class Monitor {
  readonly #options: MonitorOptions;
  readonly #sources: (() => readonly MonitoredTable[])[] = [];

  constructor(options: MonitorOptions) {
    this.#options = options;
  }

  /** `tables`: those that are watched now. */
  add(tables: () => readonly MonitoredTable[]): void {
    this.#sources.push(tables);
  }

  /** The answer to a GET of a path; undefined for an unknown one. */
  answer(path: string): Answer | undefined {
    if (path === '/metrics') {
      return {
        status: 200,
        type: CONTENT_TYPE,
        body: exposition(metricFamilies(this.#options.build, this.#bounded())),
      };
    }
    if (path === '/healthz') return this.#health();
    if (path === '/readyz') return this.#readiness();
    return path === '/' ? { status: 200, type: 'text/plain; charset=utf-8', body: INDEX } : undefined;
  }

  #health(): Answer {
    const tables = this.#tables();
    if (tables.length > 0 && tables.every(({ isFailing }) => isFailing)) return json(503, ALL_FAILING);
    const bad = this.#facts().find(({ health }) => health.status !== 'ok');
    if (bad === undefined) return json(200, { status: 'ok' });
    const { table, health, progress } = bad;
    return json(503, { ...health, table, ...(progress.lagMs !== undefined && { lagSeconds: progress.lagMs / 1000 }) });
  }

  #readiness(): Answer {
    if (this.#options.signal.aborted) return json(503, { status: 'stopping' });
    const tables = this.#tables();
    const isReady = tables.length > 0 && tables.every(({ progress, isFailing }) => progress.isReady || isFailing);
    return isReady ? json(200, { status: 'ready' }) : json(503, { status: 'starting' });
  }

  /** So that the number of series does not grow with the number of tables. */
  #bounded(): TableFacts[] {
    const facts = this.#facts();
    if (facts.length <= MAX_TABLES) return facts;
    const progress = sumProgress(facts.slice(MAX_TABLES).map((each) => each.progress));
    return [...facts.slice(0, MAX_TABLES), { table: OTHER, progress, health: healthOf(progress) }];
  }

  #facts(): TableFacts[] {
    return this.#tables().map(({ table, progress }) => {
      return { table: tableNameOf(table), progress, health: healthOf(progress) };
    });
  }

  #tables(): readonly MonitoredTable[] {
    return this.#sources.flatMap((tables) => tables());
  }
}

function healthOf(progress: WatchProgress): Health {
  return judgeHealth({ ...progress, isPaused: progress.upload?.isPaused });
}

function json(status: number, body: object): Answer {
  return { status, type: 'application/json; charset=utf-8', body: `${JSON.stringify(body)}\n` };
}
