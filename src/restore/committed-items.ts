import type { ItemEntry, JournalRecord } from '../ports/index.js';

/**
 * The committed item lines of a journal in the order in which they were archived. Lines that cannot be read are passed to
 * `onProblem` and skipped.
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
