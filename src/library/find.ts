import { TtlArchiveError } from '../errors.js';
import { parseJson } from '../lib/parse-json.js';
import type { ItemEntry, WireItem } from '../ports/index.js';
import { openArchiveToRead } from '../reading/open-archive.js';
import { parseKey } from '../restore/key-text.js';
import { shownItem } from '../restore/shown-item.js';
import { type ArchiveOptions, placeOf, type TimeOptions, windowOf } from './archive-options.js';
import { READING_NAMES, renamedError, withNames } from './option-names.js';

export interface FindOptions extends ArchiveOptions, TimeOptions {
  /** In DynamoDB JSON, like `{ PK: { S: 'x' } }`; may leave out the sort key. Default: every item of the time. */
  readonly key?: WireItem | undefined;
  /** What `since` and `until` compare: the time of the deletion (default), or the value of the TTL attribute. */
  readonly by?: 'deleted' | 'expired' | undefined;
}

/** An archived version of an item. `file` is its path in the archive. */
export interface FoundItem extends ItemEntry {
  /**
   * The item as JSON text, in the archive's format: DynamoDB JSON, unless that is `plain` or `record`. Rejects with
   * NOT_VERIFIED when its bytes are missing or altered.
   */
  readonly text: () => Promise<string>;
}

/**
 * The archived versions of a key, or every item of a time; those of a key with the newest last. Works while `watch` runs.
 *
 * Throws TABLE when there is no archive, USAGE for options that make no sense, the signal's reason; and JOURNAL, after
 * everything that was found, when a manifest in S3 is damaged.
 */
export async function* find(options: FindOptions): AsyncGenerator<FoundItem, void, undefined> {
  try {
    yield* findItems(options);
  } catch (error) {
    throw renamedError(error, READING_NAMES);
  }
}

async function* findItems(options: FindOptions): AsyncGenerator<FoundItem, void, undefined> {
  const window = { ...windowOf(options), by: options.by };
  const query = options.key && parseKey(JSON.stringify(options.key), []);
  const { out, reach, context } = placeOf(options);
  const archive = await openArchiveToRead(out, reach, context);
  let damage: TtlArchiveError | undefined;
  const onDamage = (error: TtlArchiveError): void => {
    damage ??= error;
  };
  const batches = query === undefined ? archive.items(window, onDamage) : [archive.versions(query, window, onDamage)];
  for await (const batch of batches) {
    for (const entry of batch) {
      context.signal.throwIfAborted();
      yield { ...entry, text: () => withNames(READING_NAMES, () => read(entry)) };
    }
  }
  context.signal.throwIfAborted();
  if (damage !== undefined) throw damage;

  async function read(entry: ItemEntry): Promise<string> {
    const content = await archive.read(entry);
    const text = 'text' in content ? shownItem(content.text, archive.facts) : '';
    const checked = 'problem' in content ? content : parseJson(text);
    if (!('problem' in checked)) return text;
    throw new TtlArchiveError('NOT_VERIFIED', `An archived item cannot be read: ${checked.problem}.`, {
      remedy: 'See what else is missing or altered with verify.',
    });
  }
}
