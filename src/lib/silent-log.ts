import type { Log } from '../ports/index.js';

/** For a caller who gives no logger. */
export const SILENT_LOG: Log = { debug: noop, info: noop, warn: noop, error: noop };

function noop(): void {}
