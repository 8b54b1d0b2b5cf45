/** Calls `work` for each item, `inFlight` at a time. After the first failure no more is begun, and it is thrown. */
export async function forEachOf<T>(
  items: readonly T[],
  inFlight: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = items.values();
  const state = { failed: false };
  const worker = async (): Promise<void> => {
    // All workers draw from one iterator.
    for (const item of left) {
      if (state.failed) return;
      await work(item).catch((error: unknown) => {
        state.failed = true;
        throw error;
      });
    }
  };
  await Promise.all(Array.from({ length: Math.min(inFlight, items.length) }, worker));
}
