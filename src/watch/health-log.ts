import type { Log } from '../ports/index.js';
import type { Health } from './health.js';

/** Logs once when a run is no longer healthy, or for another reason, and once when it is again. */
export class HealthLog {
  readonly #log: Log;
  #status: Health['status'] = 'ok';

  constructor(log: Log) {
    this.#log = log;
  }

  update({ status, reason = '' }: Health): void {
    if (status === this.#status) return;
    this.#status = status;
    if (status === 'ok') this.#log.info({ event: 'health.recovered' }, 'the watch does its work again');
    else this.#log.warn({ event: 'health.lost', status, reason }, 'the watch runs, but does not do its work');
  }
}
