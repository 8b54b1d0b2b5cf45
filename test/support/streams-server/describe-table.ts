import type { SimulatedTable } from './model-types.js';
import { ServiceError } from './service-error.js';
import type { StreamModel } from './stream-model.js';

type Input = Readonly<Record<string, unknown>>;

const PAGE = 100;

export function describeTable(model: StreamModel, input: Input): string {
  const table = tableOf(model, input);
  const { stream } = table;
  return JSON.stringify({
    Table: {
      TableName: table.TableName,
      TableStatus: table.TableStatus,
      TableArn: `arn:aws:dynamodb:${model.region}:000000000000:table/${table.TableName}`,
      KeySchema: table.keySchema.map(({ name, keyType }) => ({ AttributeName: name, KeyType: keyType })),
      AttributeDefinitions: table.keySchema.map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
      CreationDateTime: table.createdAt / 1000,
      ItemCount: 0,
      TableSizeBytes: 0,
      ...(stream?.StreamStatus === 'ENABLED' && {
        StreamSpecification: { StreamEnabled: true, StreamViewType: stream.viewType },
      }),
      ...(stream && { LatestStreamArn: stream.StreamArn, LatestStreamLabel: stream.StreamLabel }),
    },
  });
}

export function describeTimeToLive(model: StreamModel, input: Input): string {
  const { ttlStatus, ttlAttribute } = tableOf(model, input);
  return JSON.stringify({
    TimeToLiveDescription: {
      TimeToLiveStatus: ttlStatus,
      ...(ttlAttribute !== null && { AttributeName: ttlAttribute }),
    },
  });
}

export function listTables(model: StreamModel, input: Input): string {
  const start = input['ExclusiveStartTableName'];
  const names = [...model.tables.keys()].toSorted().filter((name) => typeof start !== 'string' || name > start);
  const TableNames = names.slice(0, Number(input['Limit'] ?? PAGE));
  const more = names.length > TableNames.length;
  return JSON.stringify({ TableNames, ...(more && { LastEvaluatedTableName: TableNames.at(-1) }) });
}

export function listTagsOfResource(model: StreamModel, input: Input): string {
  const { tags = {} } = tableOf(model, { TableName: input['ResourceArn'] });
  return JSON.stringify({ Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) });
}

/** All streams, those of deleted tables too, in the order of their making. */
export function listStreams(model: StreamModel, input: Input): string {
  const { TableName, ExclusiveStartStreamArn } = input;
  const streams = [...model.streams.values()].filter(
    ({ table }) => TableName === undefined || table.TableName === TableName,
  );
  const from = streams.findIndex(({ StreamArn }) => StreamArn === ExclusiveStartStreamArn) + 1;
  const page = streams.slice(from, from + Number(input['Limit'] ?? model.settings.listPageSize));
  return JSON.stringify({
    Streams: page.map(({ StreamArn, StreamLabel, table }) => ({ StreamArn, StreamLabel, TableName: table.TableName })),
    ...(from + page.length < streams.length && { LastEvaluatedStreamArn: page.at(-1)?.StreamArn }),
  });
}

/** DescribeTable takes the table's ARN as well as its name. */
function tableOf(model: StreamModel, input: Input): SimulatedTable {
  const name = String(input['TableName']).replace(/^arn:.*:table\//, '');
  const table = model.tables.get(name);
  if (table === undefined) {
    throw new ServiceError('ResourceNotFoundException', `Requested resource not found: Table: ${name} not found`);
  }
  return table;
}
