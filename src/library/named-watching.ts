import type { WatchSummary } from '../watch/summary.js';
import type { Watching } from '../watch/watching.js';
import { type OptionNames, renamedFailure, startWithNames, withNames } from './option-names.js';

/** Starts a run whose errors name the library's options. */
export function namedWatching(names: OptionNames, start: () => Watching): Watching {
  const watching = startWithNames(names, start);
  const renamed = ({ uploadFailure, ...summary }: WatchSummary): WatchSummary => ({
    ...summary,
    ...(uploadFailure !== undefined && { uploadFailure: renamedFailure(uploadFailure, names) }),
  });
  return {
    progress: () => watching.progress(),
    done: withNames(names, async () => renamed(await watching.done)),
  };
}
