import { withoutAttribute } from '../archive/item-text.js';
import type { WireItem } from '../ports/index.js';

/** What becomes of the TTL attribute of a restored item; a number is the milliseconds that it lives from now on. */
export type TtlRule = 'drop' | 'keep' | number;

/**
 * The item with its TTL attribute treated as the rule says. An attribute that is part of the key stays as it is: without
 * it the item would be another one.
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
  /** The table's TTL attribute; undefined: it has none and nobody knows of one. */
  readonly attribute: string | undefined;
  readonly keyNames: readonly string[];
}
