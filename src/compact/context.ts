import { TtlArchiveError } from '../errors.js';
import type { ObjectStorage } from '../ports/index.js';

/** What was done so far. Objects and bytes are those of data objects. */
export interface CompactTotals {
  /** Hours in which objects were merged. */
  hours: number;
  readonly merged: { objects: number; bytes: number };
  readonly written: { objects: number; bytes: number };
  /** Replaced objects that an earlier run had not deleted. */
  leftovers: number;
  /** Data objects without a manifest: they do not count, and nothing says what they hold. */
  withoutManifest: number;
  damaged: number;
}

export function newTotals(): CompactTotals {
  const none = { objects: 0, bytes: 0 };
  return { hours: 0, merged: { ...none }, written: { ...none }, leftovers: 0, withoutManifest: 0, damaged: 0 };
}

/** An object that is left as it is. */
export interface Damage {
  readonly file: string;
  readonly problem: string;
}

export interface CompactContext {
  readonly storage: ObjectStorage;
  readonly totals: CompactTotals;
  readonly onDamage: (damage: Damage) => void;
}

const DAMAGE = new Set<string>(['JOURNAL', 'NOT_VERIFIED', 'VALIDATION']);

/** What `work` gives; undefined, after a report, when it finds that an object is damaged. */
export async function reportDamage<T>(
  { totals, onDamage }: CompactContext,
  file: string,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof TtlArchiveError && DAMAGE.has(error.code))) throw error;
    totals.damaged++;
    onDamage({ file, problem: error.message });
    return undefined;
  }
}
