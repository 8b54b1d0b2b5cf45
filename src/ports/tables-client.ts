import type { WireItem } from './records.js';

export interface KeyAttribute {
  readonly name: string;
  readonly keyType: 'HASH' | 'RANGE';
  readonly type: 'S' | 'N' | 'B';
}

export interface TableDescription {
  readonly TableName: string;
  readonly TableArn: string;
  /** CREATING, ACTIVE, UPDATING, DELETING, … */
  readonly TableStatus: string;
  /** Hash key first. */
  readonly keySchema: readonly KeyAttribute[];
  readonly itemCount?: number;
  readonly stream: { readonly enabled: boolean; readonly viewType?: string };
  /** Also present for a while after the stream was disabled. */
  readonly LatestStreamArn?: string;
}

export interface TimeToLive {
  /** ENABLING, DISABLING, ENABLED or DISABLED. */
  readonly status: string;
  readonly attribute?: string;
}

/** One page of ListTables. */
export interface TablesPage {
  readonly TableNames: readonly string[];
  readonly LastEvaluatedTableName?: string;
}

/** One page of ListTagsOfResource. */
export interface TagsPage {
  readonly Tags: readonly { readonly Key: string; readonly Value: string }[];
  readonly NextToken?: string;
}

/** DynamoDB itself. Items travel as wire JSON. Throws TtlArchiveError; a missing table is TABLE_NOT_FOUND. */
export interface TablesClient {
  describeTable(TableName: string, signal?: AbortSignal): Promise<TableDescription>;
  describeTimeToLive(TableName: string, signal?: AbortSignal): Promise<TimeToLive>;
  /** The names of the region's tables. */
  listTables(input: { ExclusiveStartTableName?: string }, signal?: AbortSignal): Promise<TablesPage>;
  /** The tags of a table. */
  listTagsOfResource(input: { ResourceArn: string; NextToken?: string }, signal?: AbortSignal): Promise<TagsPage>;
  createTable(
    input: { TableName: string; keySchema: readonly KeyAttribute[]; viewType: string },
    signal?: AbortSignal,
  ): Promise<void>;
  updateTimeToLive(input: { TableName: string; attribute: string }, signal?: AbortSignal): Promise<void>;
  enableStream(input: { TableName: string; viewType: string }, signal?: AbortSignal): Promise<void>;
  deleteTable(TableName: string, signal?: AbortSignal): Promise<void>;
  /** With `ifAbsent` (the key attributes), throws CONDITION_FAILED instead of overwriting. */
  putItem(
    input: { TableName: string; item: WireItem; ifAbsent?: readonly string[] },
    signal?: AbortSignal,
  ): Promise<void>;
  /** The item (ConsistentRead), or undefined. */
  getItem(input: { TableName: string; key: WireItem }, signal?: AbortSignal): Promise<WireItem | undefined>;
  deleteItem(input: { TableName: string; key: WireItem }, signal?: AbortSignal): Promise<void>;
  /** The first page of a Scan: at most `limit` items (and 1 MB), each with this attribute alone, or without any. */
  scan(
    input: { TableName: string; attribute: string; limit: number },
    signal?: AbortSignal,
  ): Promise<readonly WireItem[]>;
  close(): void;
}
