import type { TtlRule } from '../restore/restore-ttl.js';
import type { ConnectionOptions } from './command.js';
import type { S3Options } from './s3-options.js';
import type { WindowOptions } from './window-options.js';

export interface RestoreOptions extends ConnectionOptions, S3Options, WindowOptions {
  readonly files: readonly string[];
  readonly out: string;
  readonly key?: string;
  /** A file, or `-` for stdin. */
  readonly fromList?: string;
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
