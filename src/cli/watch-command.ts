import { type Command, Option } from 'commander';
import { addConnectionOptions, newCommand, outOption, type Run } from './command.js';
import { parsePositiveDuration } from './duration.js';
import { parseBytes, parseInteger } from './numbers.js';

/** `watch`: the main job. */
export function watchCommand(run: Run): Command {
  const command = newCommand('watch', {
    summary: "archive the items that TTL deletes: tail every shard of the table's stream",
    example: `
      ttl-archive watch --local
      ttl-archive watch --table Orders --out archive --layout segments
      ttl-archive watch --table Orders --once --json | jq -r .file`,
  })
    .addOption(outOption())
    .option('--once', 'archive what the stream holds now, then exit')
    .addOption(
      new Option('--from <position>', 'where a shard that was there at the first start and has no checkpoint begins')
        .choices(['trim-horizon', 'latest'])
        .default('trim-horizon'),
    )
    .addOption(
      new Option(
        '--deletions <which>',
        'ttl: made by the TTL service; inferred: also without userIdentity, when the TTL attribute was past; all: every REMOVE',
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
      new Option(
        '--format <format>',
        'item: OldImage in DynamoDB JSON, lossless; record: the whole stream record; plain: ordinary JSON',
      )
        .choices(['item', 'record', 'plain'])
        .default('item'),
    )
    .addOption(
      new Option('--compress <how>', 'how to compress segments (default: gzip)')
        .choices(['gzip', 'none'])
        .helpGroup('Segments:'),
    )
    .addOption(
      new Option('--segment-size <size>', 'start a new segment at this stored size (default: 64MB)')
        .argParser(parseBytes)
        .helpGroup('Segments:'),
    )
    .addOption(
      new Option('--poll-interval <duration>', 'the fastest pace at which an idle shard is asked')
        .argParser(parsePositiveDuration)
        .default(250, '250ms'),
    )
    .addOption(
      new Option('--max-poll-interval <duration>', 'the slowest pace at which an idle shard is asked')
        .argParser(parsePositiveDuration)
        .default(5000, '5s'),
    )
    .addOption(
      new Option('--concurrency <n>', 'GetRecords calls in flight over all shards')
        .argParser(parseInteger(1, 10_000))
        .default(32),
    )
    .option('--json', 'stdout carries one JSON object an archived item instead of its path');
  return addConnectionOptions(command).action(run(async () => (await import('./watch.js')).runWatch));
}
