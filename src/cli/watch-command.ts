import { type Command, Option } from 'commander';
import { addConnectionOptions, CREATES_TABLE, newCommand, outOption, type Run } from './command.js';
import { parsePositiveDuration } from './duration.js';
import { parseBytes, parseInteger } from './numbers.js';

/** `watch`: archives the items that TTL deletes. */
export function watchCommand(run: Run): Command {
  const command = newCommand('watch', {
    summary: 'archive the items that TTL deletes',
    details:
      "Tails every shard of the table's stream until it is stopped, and resumes where it stopped when it is started again. Prints the path of each " +
      `archived item. Exits with 5 when records may have been lost before they could be read. ${CREATES_TABLE}`,
    example: `
      ttl-archive watch --local
      ttl-archive watch --table Orders --out archive --layout segments
      ttl-archive watch --table Orders --once --json | jq -r .file`,
  })
    .addOption(outOption())
    .option('--once', 'archive what the stream holds now, then exit')
    .addOption(
      new Option('--from <position>', 'where to start shards that exist on the first run')
        .choices(['trim-horizon', 'latest'])
        .default('trim-horizon'),
    )
    .addOption(
      new Option(
        '--deletions <which>',
        'which deletions to archive. ttl: made by the TTL service; inferred: also without userIdentity if the item had expired; all: every REMOVE',
      )
        .choices(['ttl', 'inferred', 'all'])
        .default('ttl'),
    )
    .addOption(
      new Option('--layout <layout>', 'files: one file per item; segments: rolling files with one item per line')
        .choices(['files', 'segments'])
        .default('files'),
    )
    .addOption(
      new Option(
        '--format <format>',
        'item: OldImage in DynamoDB JSON, lossless; record: whole stream record; plain: ordinary JSON, without types',
      )
        .choices(['item', 'record', 'plain'])
        .default('item'),
    )
    .addOption(
      new Option('--compress <how>', 'compression of segments (default: gzip)')
        .choices(['gzip', 'none'])
        .helpGroup('Segments:'),
    )
    .addOption(
      new Option('--segment-size <size>', 'start a new segment at this stored size (default: 64MB)')
        .argParser(parseBytes)
        .helpGroup('Segments:'),
    )
    .addOption(
      new Option('--poll-interval <duration>', 'minimum delay between polls of an idle shard')
        .argParser(parsePositiveDuration)
        .default(250, '250ms'),
    )
    .addOption(
      new Option('--max-poll-interval <duration>', 'maximum delay between polls of an idle shard')
        .argParser(parsePositiveDuration)
        .default(5000, '5s'),
    )
    .addOption(
      new Option('--concurrency <n>', 'maximum GetRecords calls in flight, over all shards')
        .argParser(parseInteger(1, 10_000))
        .default(32),
    )
    .option('--json', 'print one JSON object per archived item');
  return addConnectionOptions(command).action(run(async () => (await import('./watch.js')).runWatch));
}
