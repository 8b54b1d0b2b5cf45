/**
 * Of several exit statuses the first one of these is the result: what is lost for good comes first, then what somebody has
 * to do something about, then what may pass by itself.
 */
const WORST_FIRST = [1, 5, 7, 10, 6, 4, 3, 2, 11];

/** The worst of the exit statuses; 0 when there is none. */
export function worstStatus(statuses: readonly number[]): number {
  const [worst = 0] = statuses.filter((status) => status !== 0).toSorted((a, b) => rankOf(a) - rankOf(b));
  return worst;
}

function rankOf(status: number): number {
  const rank = WORST_FIRST.indexOf(status);
  return rank < 0 ? WORST_FIRST.length : rank;
}
