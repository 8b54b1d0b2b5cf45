export const LINE_FEED = 0x0a;

/** The lines in `bytes`, without their line feeds; bytes after the last line feed are not a line. */
export function* eachLine(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(LINE_FEED, start);
    if (end < 0) return;
    yield bytes.subarray(start, end);
    start = end + 1;
  }
}

/** Number of line feeds in `bytes`. */
export function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) count += 1;
  return count;
}

/** The lines in `bytes`, without their line feeds, that contain one of `needles`, in order. */
export function* linesWith(needles: readonly Buffer[], bytes: Buffer): Generator<Buffer> {
  const hits = needles.map((needle) => bytes.indexOf(needle));
  for (;;) {
    const hit = hits.reduce((first, next) => (next >= 0 && (first < 0 || next < first) ? next : first), -1);
    const end = hit < 0 ? -1 : bytes.indexOf(LINE_FEED, hit);
    if (end < 0) return;
    yield bytes.subarray(bytes.lastIndexOf(LINE_FEED, hit) + 1, end);
    for (const [index, needle] of needles.entries()) {
      const at = hits[index] ?? -1;
      if (at >= 0 && at < end) hits[index] = bytes.indexOf(needle, end);
    }
  }
}
