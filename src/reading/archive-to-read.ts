import type { TtlArchiveError } from '../errors.js';
import type { ArchiveFacts } from '../journal/archive-file.js';
import type { ItemEntry, WireItem } from '../ports/index.js';
import type { JournalSource, Selection } from '../restore/candidates.js';
import type { EntryReader } from '../restore/entry-reader.js';
import type { KeyQuery } from '../restore/key-text.js';
import type { Window } from '../restore/window.js';
import type { ArchiveFolder } from './archive-folder.js';

/** A damaged line of a journal (`file:number`), or a damaged manifest. Untrusted. */
export interface Damage {
  readonly file: string;
  readonly number?: number;
  readonly problem: string;
}

type OnDamage = (error: TtlArchiveError) => void;

/** What restore needs besides the selection. */
interface SourceContext {
  readonly keyNames: readonly string[];
  readonly onDamage: (damage: Damage) => void;
}

/** An archive opened for reading only: a folder, or objects in S3. */
export interface ArchiveToRead {
  readonly facts: ArchiveFacts;
  /** Absent in S3. */
  readonly folder?: ArchiveFolder;
  readonly read: EntryReader;
  /** The key of an archived item; undefined when there is none. */
  firstKey(): Promise<WireItem | undefined>;
  /** The versions of a key, the newest last. Without `onDamage`, a damaged manifest is thrown. */
  versions(query: KeyQuery, window: Window, onDamage?: OnDamage): Promise<ItemEntry[]>;
  /** The items that were deleted, or expired, in a window, some at a time. */
  items(window: Window, onDamage?: OnDamage): AsyncIterable<readonly ItemEntry[]>;
  /** How many items there are in a window, some at a time. In S3 this takes less time than to read them. */
  count(window: Window, onDamage?: OnDamage): AsyncIterable<number>;
  /** A file of the archive as a user would name it. */
  placeOf(file: string): string;
  /** The items to restore. */
  source(selection: Selection, context: SourceContext): Promise<JournalSource>;
}
