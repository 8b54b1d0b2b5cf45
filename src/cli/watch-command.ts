import { type Command, InvalidArgumentError, Option } from 'commander';
import type { TableTag } from '../watch/tables-options.js';
import {
  addConnectionOptions,
  CREATES_TABLE,
  choiceOption,
  deletionsOption,
  durationOption,
  maxLagOption,
  newCommand,
  outOption,
  type Run,
} from './command.js';
import { parsePositiveDuration } from './duration.js';
import { parseBytes, parseInteger } from './numbers.js';
import { addS3Options } from './s3-options.js';
import { addTableChoice } from './table-choice.js';
import type { WatchCommandOptions } from './watch-options.js';

/** `watch`: archives the items that TTL deletes. */
export function watchCommand(run: Run): Command {
  const command = newCommand('watch', {
    summary: 'archive the items that TTL deletes',
    details:
      "Tails every shard of the table's stream until it is stopped, and resumes where it stopped when it is started again. Prints the path of each " +
      `archived item. Several tables are archived by one process, each into the folder <out>/<table>; one that fails does not stop the others. Exits with 5 when records may have been lost before they could be read. ${CREATES_TABLE}`,
    examples: `
      ttl-archive watch --local
      ttl-archive watch --table Orders --out archive --layout segments
      ttl-archive watch --table Orders --layout segments --upload s3://my-bucket/orders
      ttl-archive watch --table Orders --once --json | jq -r .file
      ttl-archive watch --table Orders --table Sessions --out archives
      ttl-archive watch --table-pattern 'prod-*' --tag archive=yes --out archives`,
  })
    .addOption(outOption())
    .option('--once', 'archive what the stream holds now, then exit')
    .addOption(
      choiceOption('--from <position>', 'where to start shards that exist on the first run', [
        'trim-horizon',
        'latest',
      ]),
    )
    .addOption(
      deletionsOption(
        'which deletions to archive. ttl: made by the TTL service; inferred: also without userIdentity if the item had expired; all: every REMOVE',
      ),
    )
    .addOption(
      choiceOption('--layout <layout>', 'files: one file per item; segments: rolling files with one item per line', [
        'files',
        'segments',
      ]),
    )
    .addOption(
      choiceOption(
        '--format <format>',
        'item: OldImage in DynamoDB JSON, lossless; record: whole stream record; plain: ordinary JSON, without types',
        ['item', 'record', 'plain'],
      ),
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
      new Option('--upload <url>', 'upload closed segments to S3, under s3://bucket/prefix').helpGroup('Upload:'),
    )
    .addOption(
      new Option('--delete-uploaded', 'remove segments from the folder once they are in S3').helpGroup('Upload:'),
    )
    .addOption(
      new Option(
        '--spool-limit <size>',
        'stop reading while so many bytes of closed segments wait for their upload (default: no limit)',
      )
        .argParser(parseBytes)
        .helpGroup('Upload:'),
    )
    .addOption(
      new Option(
        '--metrics-port <n>',
        'serve /metrics for Prometheus, /healthz and /readyz on this port; 0: any free one',
      )
        .argParser(parseInteger(0, 65_535))
        .helpGroup('Metrics:'),
    )
    .addOption(
      new Option('--metrics-host <address>', 'address to serve them on (default: 127.0.0.1)').helpGroup('Metrics:'),
    )
    .addOption(
      maxLagOption(
        'not healthy when reading is further behind, for the log, /healthz and status (default: 12h, half the life of a record)',
      ),
    )
    .addOption(durationOption('--poll-interval <duration>', 'minimum delay between polls of an idle shard', '250ms'))
    .addOption(
      durationOption(
        '--max-poll-interval <duration>',
        'maximum delay between polls of an idle shard, up to 5m; a longer one costs fewer calls, and items are archived that much later',
        '5s',
      ).argParser(parseMaxPollInterval),
    )
    .option('--concurrency <n>', 'maximum GetRecords calls in flight, over all shards', parseInteger(1, 10_000), 32)
    .option('--json', 'print one JSON object per archived item');
  addS3Options(addConnectionOptions(command));
  const table = command.options.find(({ long }) => long === '--table');
  table?.argParser(collect);
  addTableChoice(command);
  return command.action(async (options: ParsedOptions) => {
    await run(async () => (await import('./watch.js')).runWatch)(withTables(options));
  });
}

/**
 * Milliseconds. A record lives 24 hours and a shard iterator 15 minutes; and a shard counts as caught up only after five
 * empty pages, which have to come well before reading counts as stalled.
 */
const LONGEST_POLL_INTERVAL = 5 * 60_000;

function parseMaxPollInterval(text: string): number {
  const milliseconds = parsePositiveDuration(text);
  if (milliseconds <= LONGEST_POLL_INTERVAL) return milliseconds;
  throw new InvalidArgumentError('Give a duration of at most 5m, like 5s or 60s.');
}

/** As commander gives them. */
type ParsedOptions = Omit<WatchCommandOptions, 'table' | 'tables' | 'tablePattern' | 'tag'> & {
  readonly table?: readonly string[];
  readonly tablePattern?: readonly string[];
  readonly tag?: readonly TableTag[];
};

function collect(text: string, before?: readonly string[]): string[] {
  return [...(before ?? []), text];
}

/** A single table without patterns and tags is `table`, and its archive is directly in `--out`. */
function withTables({
  table: named = [],
  tablePattern = [],
  tag = [],
  ...options
}: ParsedOptions): WatchCommandOptions {
  const [first, ...others] = new Set(named);
  const isOne = others.length + tablePattern.length + tag.length === 0;
  if (!isOne) return { ...options, tables: [...new Set(named)], tablePattern, tag };
  return { ...options, tables: [], tablePattern, tag, ...(first !== undefined && { table: first }) };
}
