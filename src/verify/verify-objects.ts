import { isDamage } from '../archive/decode-manifest.js';
import { type JoinedHour, joinHours } from '../archive/join-hours.js';
import { dataOf, MANIFESTS, manifestOf } from '../archive/layout.js';
import { MAX_MANIFEST } from '../archive/limits.js';
import { type HourRange, listHour } from '../archive/list-hours.js';
import { hasCode } from '../errors.js';
import { HashTable } from '../lib/hash-table.js';
import { createLimiter, type Limiter } from '../lib/limiter.js';
import { mapConcurrently } from '../lib/map-concurrently.js';
import type { ItemEntry, ObjectStorage, StoredObject } from '../ports/index.js';
import type { Finding, FindingKind } from './finding.js';
import type { Sample } from './sample.js';
import type { ObjectVerification } from './verification.js';
import { problemOfObject } from './verify-object.js';

export interface VerifyObjectsInput {
  readonly storage: ObjectStorage;
  /** Only these hours of deletion. */
  readonly range?: HourRange;
  /** The data objects that are read; default: all. */
  readonly sample?: Sample | undefined;
  readonly onFinding?: (finding: Finding) => void;
  /** Called from time to time with the number of items. */
  readonly onProgress?: (items: number) => void;
  readonly signal?: AbortSignal;
}

/** Hours, and manifests of them, that are checked at a time. */
const HOURS = {
  items: 12,
  weight: 48,
  weightOf: ({ manifests }: JoinedHour) => manifests.length,
};
const CONCURRENCY = 12;
/** Bytes of a manifest above which it is the only such one in memory. */
const LARGE = 4 * 1024 * 1024;

/**
 * Checks every manifest of an archive in S3, and its data object. Objects may be merged meanwhile. Holds the eventIDs of a
 * few hours (about 25 bytes each), and some megabytes. Changes nothing. Throws what the storage throws, and JOURNAL for a
 * manifest of a newer version.
 */
export async function verifyObjects(input: VerifyObjectsInput): Promise<ObjectVerification> {
  return new ObjectVerifier(input).run();
}

/** What is known of an hour while it is checked. */
interface HourCheck {
  readonly seen: HashTable;
  /** Data objects by the size that the listing says. */
  readonly data: ReadonlySet<string>;
  /** Data objects that have, or had, a manifest. */
  readonly named: Set<string>;
  /** A manifest was merged into another one meanwhile. */
  vanished: boolean;
}

class ObjectVerifier {
  readonly #input: VerifyObjectsInput;
  readonly #small: Limiter = createLimiter(CONCURRENCY);
  readonly #large: Limiter = createLimiter(1);
  readonly #counts = { items: 0, bytes: 0, objects: 0, repeated: 0, withoutManifest: 0 };
  readonly #read = { items: 0, bytes: 0 };
  readonly #findings: Partial<Record<FindingKind, number>> = {};
  #hasFailed = false;

  constructor(input: VerifyObjectsInput) {
    this.#input = input;
  }

  async run(): Promise<ObjectVerification> {
    const { storage, range, signal, sample } = this.#input;
    let interrupted = false;
    try {
      const hours = joinHours(storage, range);
      for await (const _ of mapConcurrently(hours, HOURS, async (hour) => this.#checkHour(hour)))
        signal?.throwIfAborted();
    } catch (error) {
      if (signal?.aborted !== true) throw error;
      interrupted = true;
    }
    return {
      interrupted,
      ...this.#counts,
      ...(sample !== undefined && { sample: { percent: sample.percent, day: sample.day, ...this.#read } }),
      findings: this.#findings,
    };
  }

  async #checkHour({ folder, data, manifests }: JoinedHour): Promise<void> {
    const hour: HourCheck = {
      seen: new HashTable(),
      data: new Set(data.map(({ key }) => key)),
      named: new Set(),
      vanished: false,
    };
    const { storage } = this.#input;
    for (let left = manifests; left.length > 0; ) {
      hour.vanished = false;
      await settled(left.map(async (manifest) => this.#checkManifest(manifest, hour)));
      const now = hour.vanished ? await listHour(storage, MANIFESTS, folder) : [];
      left = now.filter(({ key }) => !hour.named.has(dataOf(key) ?? ''));
    }
    for (const file of hour.data) {
      // It may have got its manifest since they were listed, or have been merged.
      if (!hour.named.has(file) && !(await this.#exists(manifestOf(file))) && (await this.#exists(file))) {
        this.#counts.withoutManifest++;
      }
    }
  }

  async #checkManifest({ key, size }: StoredObject, hour: HourCheck): Promise<void> {
    const file = dataOf(key) ?? '';
    hour.named.add(file);
    await (size > LARGE ? this.#large : this.#small)(async () => {
      // The failure is thrown once nothing is in work any more.
      if (this.#hasFailed) return;
      try {
        this.#input.signal?.throwIfAborted();
        const finding = await this.#findingOf({ key, file }, hour);
        if (finding === undefined) return;
        // Merging deletes the manifest before the data.
        if (await this.#exists(key)) this.#report(finding);
        else hour.vanished = true;
      } catch (error) {
        this.#hasFailed = true;
        throw error;
      }
    });
  }

  async #findingOf({ key, file }: { key: string; file: string }, hour: HourCheck): Promise<Finding | undefined> {
    const { storage, sample } = this.#input;
    const reads = sample?.includes(file) ?? true;
    try {
      const content = await storage.read(key, MAX_MANIFEST);
      if (content === undefined) return { kind: 'missing', file: key, detail: 'manifest missing' };
      this.#counts.objects++;
      const onEntries = (entries: readonly ItemEntry[]): void => this.#count(entries, hour, reads);
      const problem = await problemOfObject({ storage, content, key, file, reads, onEntries });
      const isUnsure = problem !== undefined || (!reads && !hour.data.has(file));
      if (isUnsure && !(await this.#exists(file))) return { kind: 'missing', file, detail: 'data object missing' };
      return problem === undefined ? undefined : { kind: 'altered', file, detail: problem };
    } catch (error) {
      // One that is too large to be a manifest is not read.
      if (!isDamage(error) && !hasCode(error, 'VALIDATION')) throw error;
      return { kind: 'manifest', file: key, detail: error.message.replace(/^The \w+ \S+ /, '').replace(/\.$/, '') };
    }
  }

  #count(entries: readonly ItemEntry[], { seen }: HourCheck, reads: boolean): void {
    for (const { eventID, size } of entries) {
      if (reads) {
        this.#read.items++;
        this.#read.bytes += size;
      }
      if (!seen.set(eventID)) {
        this.#counts.repeated++;
        continue;
      }
      this.#counts.items++;
      this.#counts.bytes += size;
    }
    this.#input.onProgress?.(this.#counts.items);
  }

  async #exists(key: string): Promise<boolean> {
    return (await this.#input.storage.readAt(key, 0, 1)) !== undefined;
  }

  #report(finding: Finding): void {
    this.#findings[finding.kind] = (this.#findings[finding.kind] ?? 0) + 1;
    this.#input.onFinding?.(finding);
  }
}

/** Resolves when all have ended, also when one has failed; then throws its failure. */
async function settled(tasks: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(tasks);
  await Promise.all(tasks);
}
