import { hasCode } from '../errors.js';
import type { Clock, Random, TableDescription, TablesClient, WireItem } from '../ports.js';
import { HashTable } from './hash-table.js';
import { itemText, withoutAttribute } from './item-text.js';
import { keyOf, keyText } from './key-text.js';
import { createPacer } from './pacer.js';
import { Pool } from './pool.js';
import type { Candidate, Source, Versions } from './restore-source.js';
import { applyTtl, type TtlRule } from './restore-ttl.js';
import { withRetry } from './retry.js';

export interface RestoreInput {
  readonly client: Pick<TablesClient, 'putItem' | 'getItem'>;
  readonly table: Pick<TableDescription, 'TableName' | 'keySchema'>;
  readonly source: Source;
  /** How `source` was made: with `all` the versions of a key are put one after the other. */
  readonly versions: Versions;
  readonly ttl: { readonly rule: TtlRule; readonly attribute: string | undefined };
  /** Replace items that are in the table. */
  readonly overwrite: boolean;
  /** Read and check everything, put nothing. */
  readonly dryRun: boolean;
  /** Most items put in a second; undefined: as fast as the table takes them. */
  readonly rate?: number | undefined;
  /** Items put at the same time. */
  readonly concurrency?: number | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal?: AbortSignal | undefined;
  /** Called for each item that could not be restored, before the next counts are told. */
  readonly onFailed: (failed: FailedItem) => Promise<void>;
  readonly onProgress?: (counts: RestoreCounts) => void;
}

export interface FailedItem {
  /** The item as it was archived; absent when it could not be read. */
  readonly item?: WireItem;
  /** Where it lies in the archive. Untrusted. */
  readonly where: string;
  readonly reason: string;
}

export interface RestoreCounts {
  /** Put into the table; with `dryRun`: would be put, unless they are alive. */
  readonly restored: number;
  /** An item with this key is in the table. */
  readonly skipped: number;
  readonly failed: number;
}

const CONCURRENCY = 16;

/**
 * Puts archived items back. An item that is alive is never replaced, unless `overwrite` says so or, with all versions,
 * this very run (or one that was interrupted) put an older version of it. Doing it again ends in the same state.
 *
 * An item that fails for a reason of its own is handed to `onFailed`, and the others go on. Throws the TtlArchiveError
 * of what concerns them all: no table, no permission, an endpoint that stays silent; and the signal's reason.
 */
export async function restoreItems(input: RestoreInput): Promise<RestoreCounts> {
  const pool = new Pool(input.concurrency ?? CONCURRENCY);
  const pace = createPacer(input.dryRun ? undefined : input.rate, input.clock);
  const putter = new Putter(input);
  try {
    for await (const candidate of input.source.candidates()) {
      await pace(input.signal);
      input.signal?.throwIfAborted();
      await pool.run(() => putter.take(candidate));
    }
  } finally {
    await pool.drain();
  }
  return putter.counts;
}

type Outcome = 'restored' | 'skipped';

class Putter {
  readonly #input: RestoreInput;
  readonly #keyNames: readonly string[];
  /** Keys whose item in the table is an older version that a restore has put. */
  readonly #ours = new HashTable();
  /** `all`: the put under way for a key. */
  readonly #underWay = new Map<string, Promise<void>>();
  #counts = { restored: 0, skipped: 0, failed: 0 };

  constructor(input: RestoreInput) {
    this.#input = input;
    this.#keyNames = input.table.keySchema.map(({ name }) => name);
  }

  get counts(): RestoreCounts {
    return { ...this.#counts };
  }

  async take(candidate: Candidate): Promise<void> {
    const decoded = await candidate.load();
    if ('problem' in decoded) return this.#fail({ where: candidate.where, reason: decoded.problem });
    const { item } = decoded;
    const mismatch = this.#keyMismatch(item);
    if (mismatch !== undefined) return this.#fail({ item, where: candidate.where, reason: mismatch });
    if (this.#input.versions === 'newest') return this.#put(item, candidate.where);
    await this.#inOrder(keyText(keyOf(item, this.#keyNames) ?? {}), () => this.#put(item, candidate.where));
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

  async #put(archived: WireItem, where: string): Promise<void> {
    const { dryRun, ttl, clock } = this.#input;
    const item = applyTtl(archived, { ...ttl, keyNames: this.#keyNames, now: clock.now() });
    try {
      const outcome = dryRun ? 'restored' : await this.#putAlive(item);
      this.#counts[outcome]++;
      this.#input.onProgress?.(this.#counts);
    } catch (error) {
      if (!hasCode(error, 'VALIDATION')) throw error;
      await this.#fail({ item: archived, where, reason: error.message });
    }
  }

  async #putAlive(item: WireItem): Promise<Outcome> {
    const { client, table, overwrite, versions } = this.#input;
    const key = keyOf(item, this.#keyNames) ?? {};
    const mayReplace = overwrite || (versions === 'all' && this.#ours.has(keyText(key)));
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
      if (versions === 'newest' && attempts === 1) return 'skipped';
      if (!(await this.#isThere(item, key))) return 'skipped';
      if (versions === 'all') this.#ours.set(keyText(key));
      return attempts > 1 ? 'restored' : 'skipped';
    }
    if (versions === 'all') this.#ours.set(keyText(key));
    return 'restored';
  }

  /** True when the table holds this item, whatever its TTL. */
  async #isThere(item: WireItem, key: WireItem): Promise<boolean> {
    const { client, table, ttl } = this.#input;
    const there = await withRetry(async () => client.getItem({ TableName: table.TableName, key }), this.#input);
    if (there === undefined) return false;
    const [a, b] = [there, item].map((version) => itemText(withoutAttribute(version, ttl.attribute)));
    return a === b;
  }

  #keyMismatch(item: WireItem): string | undefined {
    for (const { name, type } of this.#input.table.keySchema) {
      if (!Object.hasOwn(item, name)) return `it has no key attribute ${name}`;
      if (!Object.hasOwn(item[name] ?? {}, type)) return `its key attribute ${name} is not of type ${type}`;
    }
    return undefined;
  }

  async #fail(failed: FailedItem): Promise<void> {
    this.#counts.failed++;
    await this.#input.onFailed(failed);
    this.#input.onProgress?.(this.#counts);
  }
}
