const RATE_WINDOW_MS = 5000;

/** What is counted per second over the last five seconds. Call it with each new count. */
export function createRate(now: () => number): (count: number) => number {
  let samples: { readonly at: number; readonly count: number }[] = [];
  return (count) => {
    const at = now();
    samples = [...samples.filter((sample) => at - sample.at <= RATE_WINDOW_MS), { at, count }];
    const [oldest] = samples;
    return oldest === undefined || at === oldest.at ? 0 : ((count - oldest.count) / (at - oldest.at)) * 1000;
  };
}
