import { type Command, Option } from 'commander';
import { addConnectionOptions, newCommand, type Run } from './command.js';
import { parseDuration } from './duration.js';
import { parseBytes, parseInteger } from './numbers.js';

/** `watch`: the main job. */
export function watchCommand(run: Run): Command {
  const command = newCommand('watch', {
    summary: "tail every shard of the table's stream and archive the items that TTL deleted",
    example: `
      ttl-archive watch --table Orders --out archive
      ttl-archive watch --local`,
  })
    .option('-o, --out <dir>', 'the archive folder', 'temp')
    .option('--once', 'archive what the stream holds now, then exit')
    .addOption(
      new Option('--from <position>', 'where a shard that was there at the first start and has no checkpoint begins')
        .choices(['trim-horizon', 'latest'])
        .default('trim-horizon'),
    )
    .addOption(
      new Option(
        '--deletions <which>',
        'ttl: made by the TTL service; inferred: also those of expired items without any userIdentity; all: every one',
      )
        .choices(['ttl', 'inferred', 'all'])
        .default('ttl'),
    )
    .addOption(
      new Option('--layout <layout>', 'one JSON file an item, or rolled line-delimited segments')
        .choices(['files', 'segments'])
        .default('files'),
    )
    .addOption(
      new Option('--format <format>', 'DynamoDB JSON of the item, the whole stream record, or ordinary JSON')
        .choices(['item', 'record', 'plain'])
        .default('item'),
    )
    .addOption(
      new Option('--compress <how>', 'of segments: each page is a gzip member')
        .choices(['gzip', 'none'])
        .default('gzip'),
    )
    .option('--segment-size <size>', 'a segment that has reached this size is closed', parseBytes, 64 * 2 ** 20)
    .option('--poll-interval <duration>', 'fastest pace at which an idle shard is asked', parseDuration, 250)
    .option('--max-poll-interval <duration>', 'slowest pace at which an idle shard is asked', parseDuration, 5000)
    .option('--concurrency <n>', 'GetRecords calls in flight over all shards', parseInteger(1, 10_000), 32)
    .option('--json', 'one JSON object an archived item on stdout instead of its path');
  return addConnectionOptions(command).action(run(async () => (await import('./watch.js')).runWatch));
}
