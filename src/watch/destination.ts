import type { ArchiveFacts } from '../journal/archive-file.js';
import type { Journal, JournalState } from '../ports/index.js';
import type { PageSink } from '../stream/reader-context.js';
import type { OpenArchive } from './open-archive.js';
import type { PageContext, PageOptions } from './page-sink.js';
import type { RunContext } from './run-context.js';
import type { RunProgress } from './run-progress.js';
import type { Source } from './source.js';

/** Where a run's pages go, and where it keeps how far it has read. */
export interface Destination {
  /** What earlier runs have left; undefined: nothing. Changes nothing. */
  known(): Promise<Known | undefined>;
  /** Opens it for the run, alone. Throws the signal's reason when that aborts while another process's lock is observed. */
  open(source: Source, progress: RunProgress): Promise<OpenDestination>;
}

export interface Known {
  readonly facts: Pick<ArchiveFacts, 'table' | 'ttlAttribute' | 'keySchema'>;
  readonly state: JournalState;
}

export interface OpenDestination extends Pick<OpenArchive, 'uploader' | 'lost' | 'close'> {
  readonly journal: Journal;
  pages(context: PageContext, options: PageOptions): PageSink;
}

/** Made when the run begins, so that an error is the run's. */
export type CreateDestination = (context: RunContext) => Promise<Destination>;
