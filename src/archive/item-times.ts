import type { ItemEntry } from '../ports/index.js';
import { entryParser } from './decode-manifest.js';
import { partitionOf } from './layout.js';

/** What it takes to count an item: which it is, and when it was deleted and expired. */
export type ItemTimes = Pick<ItemEntry, 'eventID' | 'deletedAt' | 'ttl'>;

/**
 * An item line as the writers of manifests make it. No text in a line looks like one of these members: its quotes are
 * escaped; and an attribute of the key that has the name of one is an object.
 */
const LINE =
  /^\{"type":"item",(?=.*?"eventID":"([\x20-\x21\x23-\x5b\x5d-\x7e]+)")(?=.*?"deletedAt":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)").*\}$/s;
const TTL = /"ttl":(-?\d[\d.eE+-]*)[,}]/;

/** As `entryParser`, in a fifth of the time, for whom these members are enough: the others are not looked at. */
export function timesParser(key: string, file: string): (line: Buffer) => ItemTimes {
  const parse = entryParser(key, file);
  let checked = '';
  return (line) => {
    const text = line.toString('latin1');
    const [, eventID, deletedAt = ''] = LINE.exec(text) ?? [];
    // Also says what is wrong with it.
    if (eventID === undefined) return parse(line);
    if (deletedAt !== checked && !file.startsWith(`${partitionOf(deletedAt)}/`)) return parse(line);
    checked = deletedAt;
    const [, ttl] = TTL.exec(text) ?? [];
    return ttl === undefined ? { eventID, deletedAt } : { eventID, deletedAt, ttl: Number(ttl) };
  };
}
