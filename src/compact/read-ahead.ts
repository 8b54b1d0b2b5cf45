/** Bytes that are being read, or wait to be taken. */
const MAX_AHEAD = 16 * 1024 * 1024;
const MAX_READS = 8;

/**
 * What `read` gives for each item, in their order, while the next ones are being read: an answer of S3 takes a hundred times
 * as long as the work on a small object.
 */
export async function* readAhead<T extends { readonly bytes: number }, R>(
  items: readonly T[],
  read: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const reading: { readonly bytes: number; readonly result: Promise<R> }[] = [];
  let ahead = 0;
  for (let next = 0; next < items.length || reading.length > 0; ) {
    const item = items[next];
    if (
      item !== undefined &&
      (reading.length === 0 || (reading.length < MAX_READS && ahead + item.bytes <= MAX_AHEAD))
    ) {
      const result = read(item);
      // A failure counts when its turn comes.
      result.catch(() => undefined);
      reading.push({ bytes: item.bytes, result });
      ahead += item.bytes;
      next++;
      continue;
    }
    const first = reading.shift();
    if (first === undefined) return;
    yield await first.result;
    ahead -= first.bytes;
  }
}
