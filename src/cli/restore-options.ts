import type { TtlRule } from '../restore/restore-ttl.js';
import type { ConnectionOptions } from './command.js';

export interface RestoreOptions extends ConnectionOptions {
  readonly files: readonly string[];
  readonly out: string;
  readonly key?: string;
  /** Epoch milliseconds, as `until`. */
  readonly since?: number;
  readonly until?: number;
  readonly allVersions?: boolean;
  readonly overwrite?: boolean;
  readonly ttl: TtlRule;
  readonly dryRun?: boolean;
  readonly strict?: boolean;
  readonly failures?: string;
  readonly rate?: number;
  readonly concurrency: number;
  readonly json?: boolean;
}
