import { withoutAttribute } from '../archive/item-text.js';
import type { WireItem } from '../ports/index.js';

/** What to do with the TTL attribute of a restored item; a number: it expires so many milliseconds from now. */
export type TtlRule = 'drop' | 'keep' | number;

/**
 * The item after the rule is applied to its TTL attribute. An attribute that is part of the key is not changed: it would be
 * another item.
 */
export function applyTtl(
  item: WireItem,
  { rule, attribute, keyNames, now }: TtlTarget & { readonly now: number },
): WireItem {
  if (rule === 'keep' || attribute === undefined || keyNames.includes(attribute)) return item;
  const others = withoutAttribute(item, attribute);
  if (rule === 'drop') return others;
  // TTL counts in whole epoch seconds.
  return { ...others, [attribute]: { N: String(Math.ceil((now + rule) / 1000)) } };
}

export interface TtlTarget {
  readonly rule: TtlRule;
  /** The table's TTL attribute; undefined: none is known. */
  readonly attribute: string | undefined;
  readonly keyNames: readonly string[];
}
