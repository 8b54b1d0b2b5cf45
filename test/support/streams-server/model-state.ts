import { eventIdOf } from './change-records.js';
import type { ModelOptions, ModelSettings, SimulatedShard, SimulatedStream, SimulatedTable } from './model-types.js';
import { RateLimits } from './rate-limits.js';
import { RecordLog } from './record-log.js';
import { type Numbering, sequenceNumbers } from './sequence-numbers.js';

/** What the simulated service holds, and how to find it. */
export class ModelState {
  readonly now: () => number;
  readonly region: string;
  readonly numbering: Numbering;
  readonly settings: ModelSettings;
  readonly rates: RateLimits;
  readonly tables = new Map<string, SimulatedTable>();
  /** By ARN; streams outlive their tables. */
  readonly streams = new Map<string, SimulatedStream>();
  /** By number, removed ones included. */
  readonly shards: SimulatedShard[] = [];
  readonly #shardsById = new Map<string, SimulatedShard>();

  constructor(options: ModelOptions = {}) {
    this.now = options.now ?? Date.now;
    this.rates = new RateLimits(this.now);
    this.region = options.region ?? 'us-east-1';
    this.numbering = options.numbering ?? (this.region === 'ddblocal' ? 'ddblocal' : 'aws');
    this.settings = {
      describePageSize: 100,
      listPageSize: 100,
      iteratorLifeMs: 15 * 60_000,
      cutPage: undefined,
      trimmedAt: 'GetShardIterator',
      shardFilter: 'supported',
      closedShardEnd: 'with-records',
      getRecordsPerShardPerSecond: undefined,
      describeStreamPerSecond: undefined,
      ...options.settings,
    };
  }

  /** Removed shards are found too. */
  findShard(ShardId: string): SimulatedShard | undefined {
    return this.#shardsById.get(ShardId);
  }

  shard(ShardId: string): SimulatedShard {
    const shard = this.findShard(ShardId);
    if (shard === undefined) throw new Error(`The model has no shard ${ShardId}.`);
    return shard;
  }

  table(TableName: string): SimulatedTable {
    const table = this.tables.get(TableName);
    if (table === undefined) throw new Error(`The model has no table ${TableName}.`);
    return table;
  }

  /** Opens a shard in a stream. */
  protected openShard(stream: SimulatedStream, parent?: SimulatedShard): SimulatedShard {
    const number = this.shards.length;
    const suffix = eventIdOf(number, 0).slice(0, 8);
    const shard: SimulatedShard = {
      ShardId: `shardId-${String(1_700_000_000_000 + number).padStart(20, '0')}-${suffix}`,
      number,
      ParentShardId: parent?.ShardId,
      stream,
      sequenceNumbers: sequenceNumbers(this.numbering, number, parent?.sequenceNumbers.ending(parent.log.length)),
      log: new RecordLog(),
      closedAt: undefined,
      trimmed: 0,
      removed: false,
      emptyPages: new Map(),
      hidden: undefined,
      wasListed: false,
      shownOpen: undefined,
      generation: 0,
    };
    stream.shards.push(shard);
    this.shards.push(shard);
    this.#shardsById.set(shard.ShardId, shard);
    return shard;
  }
}
