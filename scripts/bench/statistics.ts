/** The middle of the samples; the mean of the two middle ones when their number is even. */
export function median(samples: readonly number[]): number {
  return percentile(samples, 50);
}

/** Linear between the two nearest samples; NaN without samples. */
export function percentile(samples: readonly number[], percent: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const place = ((sorted.length - 1) * percent) / 100;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

/** Half of the distance between the highest and the lowest sample, in percent of the median. */
export function spread(samples: readonly number[]): number {
  if (samples.length < 2) return 0;
  return ((Math.max(...samples) - Math.min(...samples)) / 2 / median(samples)) * 100;
}

/**
 * Takes one sample of each contender in turn, `runs` times over, so that whatever else the machine does falls on all of
 * them alike. Every other round goes backwards.
 */
export async function interleave<Name extends string, Sample>(
  runs: number,
  contenders: { readonly [name in Name]?: (run: number) => Promise<Sample> },
  onSample?: (name: Name, sample: Sample) => void,
): Promise<Record<Name, Sample[]>> {
  const names = Object.keys(contenders).filter((name): name is Name => name in contenders);
  const samples = new Map<Name, Sample[]>(names.map((name) => [name, []]));
  for (let run = 0; run < runs; run++) {
    for (const name of run % 2 === 0 ? names : names.toReversed()) {
      const sample = await contenders[name]?.(run);
      if (sample === undefined) continue;
      samples.get(name)?.push(sample);
      onSample?.(name, sample);
    }
  }
  // Every name of the record has been given its list above.
  return Object.fromEntries(samples) as Record<Name, Sample[]>;
}
