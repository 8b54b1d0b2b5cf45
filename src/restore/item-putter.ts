import { itemText, withoutAttribute } from '../archive/item-text.js';
import { hasCode, TtlArchiveError } from '../errors.js';
import { HashTable } from '../lib/hash-table.js';
import { withRetry } from '../lib/retry.js';
import type { WireItem } from '../ports/index.js';
import type { Candidate, Versions } from './candidates.js';
import { type DeletionOrder, isOlder } from './decode-item.js';
import { keyOf, keyText } from './key-text.js';
import type { FailedItem, RestoreCounts } from './restore-counts.js';
import type { RestoreInput } from './restore-input.js';
import { applyTtl } from './restore-ttl.js';

/** When none of the first items has the table's key, it is the wrong table. */
const MAX_MISMATCHES = 20;
/** TTL ignores older times: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html */
const FIVE_YEARS = 5 * 365.25 * 86_400_000;

type Outcome = 'restored' | 'skipped';
type Item = { readonly item: WireItem; readonly deleted?: DeletionOrder };

/** Puts items into the table, several at a time. */
export class ItemPutter {
  readonly #input: RestoreInput;
  readonly #keyNames: readonly string[];
  /** Keys whose item in the table is an older version that a restore has put. */
  readonly #ours = new HashTable();
  /** When the version was deleted that this run has put; not needed when the source is in order, as a single journal is. */
  readonly #orders: Map<string, DeletionOrder> | undefined;
  /** The put in flight for each key. */
  readonly #inFlight = new Map<string, Promise<void>>();
  /** Items without the table's key; undefined once an item has it. */
  #mismatches: FailedItem[] | undefined = [];
  #counts = { restored: 0, skipped: 0, failed: 0, expired: 0 };

  constructor(input: RestoreInput) {
    this.#input = input;
    this.#keyNames = input.table.keySchema.map(({ name }) => name);
    const { sources } = input;
    const isOrdered = sources.length <= 1 && sources.every(({ source }) => source.count !== undefined);
    this.#orders = isOrdered ? undefined : new Map();
  }

  get counts(): RestoreCounts {
    return { ...this.#counts };
  }

  /** Versions of one key are put in the order of the calls, even when one takes longer to read. */
  async take(candidate: Candidate, versions: Versions): Promise<void> {
    const { key } = candidate;
    if (versions === 'newest' || key === undefined) return this.#restore(candidate, versions);
    const previous = this.#inFlight.get(key) ?? Promise.resolve();
    const put = previous.catch(() => undefined).then(() => this.#restore(candidate, versions));
    this.#inFlight.set(key, put);
    try {
      await put;
    } finally {
      if (this.#inFlight.get(key) === put) this.#inFlight.delete(key);
    }
  }

  /** Fails the items without the table's key: it is not the wrong table, or no more items follow. */
  async failMismatches(): Promise<void> {
    const mismatches = this.#mismatches ?? [];
    this.#mismatches = undefined;
    for (const failed of mismatches) await this.#fail(failed);
  }

  async #restore(candidate: Candidate, versions: Versions): Promise<void> {
    const { where } = candidate;
    const decoded = await candidate.load();
    if ('problem' in decoded) return this.#fail({ where, reason: decoded.problem });
    const mismatch = this.#keyMismatch(decoded.item);
    if (mismatch !== undefined) return this.#onMismatch({ item: decoded.item, where, reason: mismatch });
    await this.failMismatches();
    await this.#put(decoded, where, versions);
  }

  async #put(archived: Item, where: string, versions: Versions): Promise<void> {
    const { dryRun, ttl, clock } = this.#input;
    const now = clock.now();
    const item = applyTtl(archived.item, { ...ttl, keyNames: this.#keyNames, now });
    try {
      const outcome = dryRun ? await this.#simulate(item) : await this.#write(item, archived.deleted, versions);
      this.#counts[outcome]++;
      if (outcome === 'restored' && isExpired(item, ttl.attribute, now)) this.#counts.expired++;
      this.#input.onProgress?.(this.#counts);
    } catch (error) {
      if (!hasCode(error, 'VALIDATION')) throw error;
      await this.#fail({ item: archived.item, where, reason: error.message });
    }
  }

  /** The outcome without `dryRun`. */
  async #simulate(item: WireItem): Promise<Outcome> {
    if (this.#input.overwrite) return 'restored';
    return (await this.#inTable(keyOf(item, this.#keyNames) ?? {})) === undefined ? 'restored' : 'skipped';
  }

  async #write(item: WireItem, deleted: DeletionOrder | undefined, versions: Versions): Promise<Outcome> {
    const { client, table, overwrite, sources } = this.#input;
    const key = keyOf(item, this.#keyNames) ?? {};
    const text = keyText(key);
    const remembers = versions === 'all' || sources.length > 1;
    const put = this.#orders?.get(text);
    if (isOlder(deleted, put)) return 'skipped';
    // With `newest`, a version from another source replaces ours only when it is known to be newer.
    const isNewer = versions === 'all' || isOlder(put, deleted);
    const mayReplace = overwrite || (isNewer && this.#ours.has(text));
    let attempts = 0;
    try {
      await withRetry(async (attempt) => {
        attempts = attempt;
        await client.putItem({
          TableName: table.TableName,
          item,
          ...(mayReplace ? {} : { ifAbsent: this.#keyNames }),
        });
      }, this.#input);
    } catch (error) {
      if (!hasCode(error, 'CONDITION_FAILED')) throw error;
      // The item in the table may be this very version: put by an attempt whose response was lost, or an interrupted run.
      if (!remembers && attempts === 1) return 'skipped';
      if (!(await this.#isThere(item, key))) return 'skipped';
      if (remembers) this.#remember(text, deleted);
      return attempts > 1 ? 'restored' : 'skipped';
    }
    if (remembers) this.#remember(text, deleted);
    return 'restored';
  }

  #remember(key: string, deleted: DeletionOrder | undefined): void {
    this.#ours.set(key);
    if (deleted !== undefined) this.#orders?.set(key, deleted);
  }

  /** True when the table has this item, whatever its TTL. */
  async #isThere(item: WireItem, key: WireItem): Promise<boolean> {
    const there = await this.#inTable(key);
    if (there === undefined) return false;
    const { attribute } = this.#input.ttl;
    const [a, b] = [there, item].map((version) => itemText(withoutAttribute(version, attribute)));
    return a === b;
  }

  #inTable(key: WireItem): Promise<WireItem | undefined> {
    const { client, table } = this.#input;
    return withRetry(async () => client.getItem({ TableName: table.TableName, key }), this.#input);
  }

  #keyMismatch(item: WireItem): string | undefined {
    for (const { name, type } of this.#input.table.keySchema) {
      if (!Object.hasOwn(item, name)) return `it has no key attribute ${name}`;
      if (!Object.hasOwn(item[name] ?? {}, type)) return `its key attribute ${name} is not of type ${type}`;
    }
    return undefined;
  }

  /** Single items may not match; when none of many does, it is the wrong table. */
  async #onMismatch(failed: FailedItem): Promise<void> {
    if (this.#mismatches === undefined) return this.#fail(failed);
    this.#mismatches.push(failed);
    if (this.#mismatches.length < MAX_MISMATCHES) return;
    const { TableName, keySchema } = this.#input.table;
    const key = keySchema.map(({ name, type }) => `${name}:${type}`).join(',');
    throw new TtlArchiveError('TABLE', `Table ${TableName} has the key ${key}, and none of the items has it.`, {
      remedy: 'Choose the table that the items came from, or one with the same key, with --table.',
    });
  }

  async #fail(failed: FailedItem): Promise<void> {
    this.#counts.failed++;
    await this.#input.onFailed(failed);
    this.#input.onProgress?.(this.#counts);
  }
}

/** True when TTL would delete the item: a Number of epoch seconds in the past, but not by more than five years. */
function isExpired(item: WireItem, attribute: string | undefined, now: number): boolean {
  const value = attribute === undefined ? undefined : item[attribute]?.['N'];
  const at = typeof value === 'string' ? Number(value) * 1000 : Number.NaN;
  return at < now && at > now - FIVE_YEARS;
}
