import type { WireItem } from '../ports/index.js';

/** An item as text, the same for equal items: attribute names and the elements of sets are sorted. */
export function itemText(item: WireItem): string {
  return JSON.stringify(item, (_name, value: unknown) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
    const [[type, content] = ['', undefined]] = entries;
    // This is an attribute's value and not a map of attributes: only there is the content of a type an array.
    if (/^[SNB]S$/.test(type) && Array.isArray(content)) return { [type]: content.map(String).toSorted() };
    return Object.fromEntries(entries);
  });
}

/** The item without one attribute; the item itself when it does not have it. */
export function withoutAttribute(item: WireItem, name: string | undefined): WireItem {
  if (name === undefined || !Object.hasOwn(item, name)) return item;
  return Object.fromEntries(Object.entries(item).filter(([other]) => other !== name));
}
