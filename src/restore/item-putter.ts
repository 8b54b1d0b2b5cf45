import { itemText, withoutAttribute } from '../archive/item-text.js';
import { hasCode, TtlArchiveError } from '../errors.js';
import { HashTable } from '../lib/hash-table.js';
import { withRetry } from '../lib/retry.js';
import type { WireItem } from '../ports/index.js';
import type { Candidate, Versions } from './candidates.js';
import { type DeletionOrder, isOlder } from './decode-item.js';
import { keyOf, keyText } from './key-text.js';
import type { FailedItem, RestoreCounts, RestoreInput } from './restore-input.js';
import { applyTtl } from './restore-ttl.js';

/** When so many items come first and none has the table's key, it is the wrong table. */
const MAX_MISMATCHES = 20;
/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html: older ones are left alone. */
const FIVE_YEARS = 5 * 365.25 * 86_400_000;

type Outcome = 'restored' | 'skipped';
type Item = { readonly item: WireItem; readonly deleted?: DeletionOrder };

/** Puts one item after the other, several at a time. */
export class ItemPutter {
  readonly #input: RestoreInput;
  readonly #keyNames: readonly string[];
  /** Keys whose item in the table is an older version that a restore has put. */
  readonly #ours = new HashTable();
  /** When the version was deleted that this run has put; only several sources can disagree about the order. */
  readonly #orders = new Map<string, DeletionOrder>();
  /** The put under way for a key. */
  readonly #underWay = new Map<string, Promise<void>>();
  /** Items without the table's key, as long as no other has come. */
  #mismatches: FailedItem[] | undefined = [];
  #counts = { restored: 0, skipped: 0, failed: 0, expired: 0 };

  constructor(input: RestoreInput) {
    this.#input = input;
    this.#keyNames = input.table.keySchema.map(({ name }) => name);
  }

  get counts(): RestoreCounts {
    return { ...this.#counts };
  }

  /** Versions of one key are queued here in the order of the calls, before they are read: reading one may take longer. */
  async take(candidate: Candidate, versions: Versions): Promise<void> {
    const { key } = candidate;
    if (versions === 'newest' || key === undefined) return this.#restore(candidate, versions);
    await this.#inOrder(key, () => this.#restore(candidate, versions));
  }

  /** No longer waits for an item that has the table's key: those that came have failed. */
  async giveUpFitting(): Promise<void> {
    const few = this.#mismatches ?? [];
    this.#mismatches = undefined;
    for (const failed of few) await this.#fail(failed);
  }

  async #restore(candidate: Candidate, versions: Versions): Promise<void> {
    const { where } = candidate;
    const decoded = await candidate.load();
    if ('problem' in decoded) return this.#fail({ where, reason: decoded.problem });
    const mismatch = this.#keyMismatch(decoded.item);
    if (mismatch !== undefined) return this.#onMismatch({ item: decoded.item, where, reason: mismatch });
    await this.giveUpFitting();
    await this.#put(decoded, where, versions);
  }

  async #inOrder(key: string, put: () => Promise<void>): Promise<void> {
    const earlier = this.#underWay.get(key) ?? Promise.resolve();
    const mine = earlier.catch(() => undefined).then(put);
    this.#underWay.set(key, mine);
    try {
      await mine;
    } finally {
      if (this.#underWay.get(key) === mine) this.#underWay.delete(key);
    }
  }

  async #put(archived: Item, where: string, versions: Versions): Promise<void> {
    const { dryRun, ttl, clock } = this.#input;
    const now = clock.now();
    const item = applyTtl(archived.item, { ...ttl, keyNames: this.#keyNames, now });
    try {
      const put = { item, deleted: archived.deleted };
      const outcome = dryRun ? await this.#tryOut(item) : await this.#putAlive(put, versions);
      this.#counts[outcome]++;
      if (outcome === 'restored' && isExpired(item, ttl.attribute, now)) this.#counts.expired++;
      this.#input.onProgress?.(this.#counts);
    } catch (error) {
      if (!hasCode(error, 'VALIDATION')) throw error;
      await this.#fail({ item: archived.item, where, reason: error.message });
    }
  }

  /** What would become of an item. */
  async #tryOut(item: WireItem): Promise<Outcome> {
    if (this.#input.overwrite) return 'restored';
    return (await this.#inTable(keyOf(item, this.#keyNames) ?? {})) === undefined ? 'restored' : 'skipped';
  }

  async #putAlive(
    { item, deleted }: { item: WireItem; deleted: DeletionOrder | undefined },
    versions: Versions,
  ): Promise<Outcome> {
    const { client, table, overwrite, sources } = this.#input;
    const key = keyOf(item, this.#keyNames) ?? {};
    const text = keyText(key);
    const remembers = versions === 'all' || sources.length > 1;
    const put = this.#orders.get(text);
    if (isOlder(deleted, put)) return 'skipped';
    // With `newest`, a version of another source replaces ours only when it is known to be newer.
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
      // What stands there may be this very version: put by an attempt whose answer was lost, or by an interrupted run.
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
    if (deleted !== undefined && this.#disagree) this.#orders.set(key, deleted);
  }

  /** A journal's versions are in order; what lies outside may be in any. */
  get #disagree(): boolean {
    return this.#input.sources.length > 1 || this.#input.sources.some(({ source }) => source.count === undefined);
  }

  /** True when the table holds this item, whatever its TTL. */
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

  /** One or the other item may be odd; when none of many fits, it is the wrong table. */
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

/** A Number of epoch seconds that has passed, as TTL takes it: more than five years ago counts as a mistake. */
function isExpired(item: WireItem, attribute: string | undefined, now: number): boolean {
  const value = attribute === undefined ? undefined : item[attribute]?.['N'];
  const at = typeof value === 'string' ? Number(value) * 1000 : Number.NaN;
  return at < now && at > now - FIVE_YEARS;
}
