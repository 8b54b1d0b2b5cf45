import type { DynamoDBClient, ServiceInputTypes, ServiceOutputTypes } from '@aws-sdk/client-dynamodb';
import { createQuietly } from '../connection/create-quietly.js';
import { isObject } from '../lib/json-checks.js';
import { tableNameOf } from '../lib/table-arn.js';
import type { Connection, KeyAttribute, TableDescription, TablesClient } from '../ports/index.js';
import { type ClientOptions, createCaller, type SdkConfig } from './caller.js';
import { dynamoDb } from './sdk.js';
import { useWireJson } from './use-wire-json.js';
import {
  isAbsent,
  isListOf,
  isWireItem,
  objectMember,
  optionalNumber,
  optionalText,
  tablesPageOf,
  tagsPageOf,
  textMember,
} from './validate-response.js';
import { badResponse, parseBody } from './wire-body.js';
import { callWire } from './wire-call.js';

/**
 * A client for DynamoDB itself. Nothing is loaded, looked up or sent before its first call. Items are sent and returned
 * as wire JSON. Calls throw TtlArchiveError, or the signal's reason.
 */
export function createTablesClient(connection: Connection, options: ClientOptions = {}): TablesClient {
  const caller = createCaller({ ...options, service: 'DynamoDB', connection, createClient });

  async function createClient(config: SdkConfig) {
    const { DynamoDBClient } = dynamoDb();
    const client = createQuietly(() => new DynamoDBClient(config));
    useWireJson(client.middlewareStack, config.requestHandler, options.onDate);
    return client;
  }

  /** With `wireInput` that is what is sent, and only the kind of the command counts. */
  async function call<I extends ServiceInputTypes, O extends ServiceOutputTypes>(
    {
      operation,
      TableName,
      signal,
    }: { operation: string; TableName: string | undefined; signal: AbortSignal | undefined },
    command: (sdk: ReturnType<typeof dynamoDb>) => Parameters<typeof DynamoDBClient.prototype.send<I, O>>[0],
    wireInput?: object,
  ) {
    const body = await caller.call({
      operation,
      table: TableName,
      signal,
      send: (client, ending) => callWire(command(dynamoDb()), (ready) => client.send(ready), { wireInput, ending }),
    });
    return parseBody(body);
  }

  return {
    async describeTable(TableName, signal) {
      const of = { operation: 'DescribeTable', TableName, signal };
      const json = await call(of, (sdk) => new sdk.DescribeTableCommand({ TableName }));
      return tableDescription(objectMember(json, 'Table'));
    },

    async describeTimeToLive(TableName, signal) {
      const of = { operation: 'DescribeTimeToLive', TableName, signal };
      const json = await call(of, (sdk) => new sdk.DescribeTimeToLiveCommand({ TableName }));
      const description = objectMember(json, 'TimeToLiveDescription');
      const attribute = optionalText(description, 'AttributeName');
      return {
        status: textMember(description, 'TimeToLiveStatus'),
        ...(attribute !== undefined && { attribute }),
      };
    },

    async listTables(input, signal) {
      const of = { operation: 'ListTables', TableName: undefined, signal };
      return tablesPageOf(await call(of, (sdk) => new sdk.ListTablesCommand({ ...input })));
    },

    async listTagsOfResource(input, signal) {
      const TableName = tableNameOf(input.ResourceArn);
      const of = { operation: 'ListTagsOfResource', TableName, signal };
      return tagsPageOf(await call(of, (sdk) => new sdk.ListTagsOfResourceCommand({ ...input })));
    },

    async createTable({ TableName, keySchema, viewType }, signal) {
      await call({ operation: 'CreateTable', TableName, signal }, (sdk) => new sdk.CreateTableCommand({ TableName }), {
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: keySchema.map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
        KeySchema: keySchema.map(({ name, keyType }) => ({ AttributeName: name, KeyType: keyType })),
        StreamSpecification: { StreamEnabled: true, StreamViewType: viewType },
      });
    },

    async updateTimeToLive({ TableName, attribute }, signal) {
      const input = { TableName, TimeToLiveSpecification: { AttributeName: attribute, Enabled: true } };
      const of = { operation: 'UpdateTimeToLive', TableName, signal };
      await call(of, (sdk) => new sdk.UpdateTimeToLiveCommand(input));
    },

    async enableStream({ TableName, viewType }, signal) {
      await call({ operation: 'UpdateTable', TableName, signal }, (sdk) => new sdk.UpdateTableCommand({ TableName }), {
        TableName,
        StreamSpecification: { StreamEnabled: true, StreamViewType: viewType },
      });
    },

    async deleteTable(TableName, signal) {
      await call({ operation: 'DeleteTable', TableName, signal }, (sdk) => new sdk.DeleteTableCommand({ TableName }));
    },

    async putItem({ TableName, item, ifAbsent = [] }, signal) {
      const wireInput = { TableName, Item: item, ...(ifAbsent.length > 0 && absenceCondition(ifAbsent)) };
      const of = { operation: 'PutItem', TableName, signal };
      await call(of, (sdk) => new sdk.PutItemCommand({ TableName, Item: {} }), wireInput);
    },

    async getItem({ TableName, key }, signal) {
      const wireInput = { TableName, Key: key, ConsistentRead: true };
      const of = { operation: 'GetItem', TableName, signal };
      const { Item: item } = await call(of, (sdk) => new sdk.GetItemCommand({ TableName, Key: {} }), wireInput);
      if (isAbsent(item)) return undefined;
      if (!isWireItem(item)) throw badResponse('to GetItem has an Item that is not one');
      return item;
    },

    async deleteItem({ TableName, key }, signal) {
      const wireInput = { TableName, Key: key };
      const of = { operation: 'DeleteItem', TableName, signal };
      await call(of, (sdk) => new sdk.DeleteItemCommand({ TableName, Key: {} }), wireInput);
    },

    async scan({ TableName, attribute, limit }, signal) {
      const wireInput = {
        TableName,
        Limit: limit,
        ProjectionExpression: '#a',
        ExpressionAttributeNames: { '#a': attribute },
      };
      const of = { operation: 'Scan', TableName, signal };
      const { Items: items } = await call(of, (sdk) => new sdk.ScanCommand({ TableName }), wireInput);
      if (!isListOf(items, isWireItem)) throw badResponse('to Scan has Items that are none');
      return items;
    },

    close: () => caller.close(),
  };
}

function absenceCondition(attributes: readonly string[]) {
  return {
    ConditionExpression: attributes.map((_, index) => `attribute_not_exists(#k${index})`).join(' AND '),
    ExpressionAttributeNames: Object.fromEntries(attributes.map((name, index) => [`#k${index}`, name])),
  };
}

function tableDescription(table: Record<string, unknown>): TableDescription {
  const itemCount = optionalNumber(table, 'ItemCount');
  const latestStreamArn = optionalText(table, 'LatestStreamArn');
  const specification = isObject(table['StreamSpecification']) ? table['StreamSpecification'] : {};
  const viewType = optionalText(specification, 'StreamViewType');
  return {
    TableName: textMember(table, 'TableName'),
    TableArn: textMember(table, 'TableArn'),
    TableStatus: textMember(table, 'TableStatus'),
    keySchema: keySchemaOf(table),
    stream: { enabled: specification['StreamEnabled'] === true, ...(viewType !== undefined && { viewType }) },
    ...(itemCount !== undefined && { itemCount }),
    ...(latestStreamArn !== undefined && { LatestStreamArn: latestStreamArn }),
  };
}

function keySchemaOf({ KeySchema: schema, AttributeDefinitions: definitions }: Record<string, unknown>) {
  const types = new Map<unknown, unknown>();
  for (const definition of Array.isArray(definitions) ? definitions : []) {
    if (isObject(definition)) types.set(definition['AttributeName'], definition['AttributeType']);
  }
  const keys = (Array.isArray(schema) ? schema : []).map((element: unknown): KeyAttribute => {
    const { AttributeName: name, KeyType: keyType } = isObject(element) ? element : {};
    const type = types.get(name);
    const known = (keyType === 'HASH' || keyType === 'RANGE') && (type === 'S' || type === 'N' || type === 'B');
    if (typeof name !== 'string' || !known) throw badResponse('to DescribeTable has a key schema that is not one');
    return { name, keyType, type };
  });
  if (keys.length === 0) throw badResponse('to DescribeTable has no key schema');
  // 'HASH' sorts before 'RANGE'.
  return keys.toSorted((a, b) => (a.keyType < b.keyType ? -1 : 1));
}
