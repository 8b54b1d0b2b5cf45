import type { ItemEntry, JournalRecord } from '../ports/index.js';

/**
 * The item lines of a journal in the order in which they were archived, without those whose page is not committed.
 * Lines that cannot be read are handed to `onProblem` and passed over: what they name is lost to this reader only.
 */
export async function* committedItems(
  journal: AsyncIterable<JournalRecord>,
  onProblem?: (record: { file: string; number: number; problem: string }) => void,
): AsyncGenerator<ItemEntry, void, undefined> {
  let page: ItemEntry[] = [];
  for await (const record of journal) {
    if ('problem' in record) onProblem?.(record);
    else if (record.line.type === 'item') {
      const { type: _, ...entry } = record.line;
      page.push(entry);
    } else {
      yield* page;
      page = [];
    }
  }
}
