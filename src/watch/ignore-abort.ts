/** The result of the work; undefined when it failed because the signal aborted. */
export async function ignoreAbort<T>(signal: AbortSignal, work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}
