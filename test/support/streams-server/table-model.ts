import { ModelState } from './model-state.js';
import type { SimulatedStream, SimulatedTable, TableInput } from './model-types.js';

const ACCOUNT = '000000000000';

/** A stream that has just begun. */
export interface NewStream {
  /** '' when the table has no stream. */
  readonly StreamArn: string;
  /** ShardIds. */
  readonly shards: string[];
}

/** Tables and the streams that come and go with them. */
export class TableModel extends ModelState {
  /** Creates an ACTIVE table with its stream; gives the stream's ARN ('' without one) and its ShardIds. */
  createTable(input: TableInput): NewStream {
    const { TableName, keySchema, ttlAttribute = 'ttl', viewType = 'OLD_IMAGE', shards = 1 } = input;
    if (this.tables.has(TableName)) throw new Error(`The table ${TableName} exists.`);
    const table: SimulatedTable = {
      TableName,
      keySchema: keySchema ?? [{ name: 'PK', keyType: 'HASH', type: 'S' }],
      ttlAttribute,
      ttlStatus: ttlAttribute === null ? 'DISABLED' : 'ENABLED',
      TableStatus: 'ACTIVE',
      createdAt: this.now(),
      stream: undefined,
    };
    this.tables.set(TableName, table);
    return viewType === null ? { StreamArn: '', shards: [] } : this.enableStream(TableName, { viewType, shards });
  }

  /** Disables the table's stream and forgets the table; the stream stays readable. */
  deleteTable(TableName: string): void {
    if (this.table(TableName).stream?.StreamStatus === 'ENABLED') this.disableStream(TableName);
    this.tables.delete(TableName);
  }

  /** Deletes the table and creates it again: a new stream ARN. */
  recreateTable(input: TableInput): NewStream {
    this.deleteTable(input.TableName);
    return this.createTable(input);
  }

  /** Closes all shards; the ARN stays LatestStreamArn. */
  disableStream(TableName: string): void {
    const { stream } = this.table(TableName);
    if (stream?.StreamStatus !== 'ENABLED') throw new Error(`The table ${TableName} has no enabled stream.`);
    for (const shard of stream.shards) shard.closedAt ??= this.now();
    stream.StreamStatus = 'DISABLED';
  }

  /** A new stream with a new ARN. */
  enableStream(
    TableName: string,
    { viewType = 'OLD_IMAGE', shards = 1 }: { viewType?: string; shards?: number } = {},
  ): NewStream {
    const table = this.table(TableName);
    if (table.stream?.StreamStatus === 'ENABLED') throw new Error(`The stream of ${TableName} is enabled already.`);
    const prefix = `arn:aws:dynamodb:${this.region}:${ACCOUNT}:table/${TableName}/stream/`;
    let time = this.now();
    const label = () => new Date(time).toISOString().slice(0, -1);
    while (this.streams.has(prefix + label())) time += 1;
    const stream: SimulatedStream = {
      StreamArn: prefix + label(),
      StreamLabel: label(),
      table,
      viewType,
      createdAt: this.now(),
      StreamStatus: 'ENABLED',
      shards: [],
    };
    this.streams.set(stream.StreamArn, stream);
    table.stream = stream;
    return {
      StreamArn: stream.StreamArn,
      shards: Array.from({ length: shards }, () => this.openShard(stream).ShardId),
    };
  }
}
