import { isObject } from '../lib/json-checks.js';
import type { Connection, KeyAttribute, TableDescription, TablesClient } from '../ports/index.js';
import { type CallRequest, type ClientOptions, createCaller, type SdkConfig } from './caller.js';
import { dynamoDb } from './sdk.js';
import { isAbsent, isWireItem, objectMember, optionalNumber, optionalText, textMember } from './validate-response.js';
import { badResponse } from './wire-body.js';
import { callWire, useWireJson } from './wire-call.js';

/**
 * A client for DynamoDB itself. Nothing is loaded, looked up or sent before its first call. Items go out and come in as
 * wire JSON. Calls throw TtlArchiveError, or the signal's reason.
 */
export function createTablesClient(connection: Connection, options: ClientOptions = {}): TablesClient {
  const caller = createCaller({
    ...options,
    service: 'DynamoDB',
    connection,
    createClient: (config) => createClient(config, options),
  });
  type Send = CallRequest<Awaited<ReturnType<typeof createClient>>>['send'];
  const call = async (operation: string, table: string, signal: AbortSignal | undefined, send: Send) =>
    (await caller.call({ operation, table, signal, send })).json;

  return {
    async describeTable(TableName, signal) {
      const json = await call('DescribeTable', TableName, signal, (sdk, aborted) =>
        callWire(new sdk.DescribeTableCommand({ TableName }), (command) => sdk.client.send(command), {
          signal: aborted,
        }),
      );
      return tableDescription(objectMember(json, 'Table'));
    },

    async describeTimeToLive(TableName, signal) {
      const json = await call('DescribeTimeToLive', TableName, signal, (sdk, aborted) =>
        callWire(new sdk.DescribeTimeToLiveCommand({ TableName }), (command) => sdk.client.send(command), {
          signal: aborted,
        }),
      );
      const description = objectMember(json, 'TimeToLiveDescription');
      const attribute = optionalText(description, 'AttributeName');
      return {
        status: textMember(description, 'TimeToLiveStatus'),
        ...(attribute !== undefined && { attribute }),
      };
    },

    async createTable({ TableName, keySchema, viewType }, signal) {
      const wireInput = {
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: keySchema.map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
        KeySchema: keySchema.map(({ name, keyType }) => ({ AttributeName: name, KeyType: keyType })),
        StreamSpecification: { StreamEnabled: true, StreamViewType: viewType },
      };
      await call('CreateTable', TableName, signal, (sdk, aborted) =>
        callWire(new sdk.CreateTableCommand({ TableName }), (command) => sdk.client.send(command), {
          wireInput,
          signal: aborted,
        }),
      );
    },

    async updateTimeToLive({ TableName, attribute }, signal) {
      const TimeToLiveSpecification = { AttributeName: attribute, Enabled: true };
      await call('UpdateTimeToLive', TableName, signal, (sdk, aborted) =>
        callWire(
          new sdk.UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }),
          (command) => sdk.client.send(command),
          {
            signal: aborted,
          },
        ),
      );
    },

    async enableStream({ TableName, viewType }, signal) {
      const wireInput = { TableName, StreamSpecification: { StreamEnabled: true, StreamViewType: viewType } };
      await call('UpdateTable', TableName, signal, (sdk, aborted) =>
        callWire(new sdk.UpdateTableCommand({ TableName }), (command) => sdk.client.send(command), {
          wireInput,
          signal: aborted,
        }),
      );
    },

    async deleteTable(TableName, signal) {
      await call('DeleteTable', TableName, signal, (sdk, aborted) =>
        callWire(new sdk.DeleteTableCommand({ TableName }), (command) => sdk.client.send(command), { signal: aborted }),
      );
    },

    async putItem({ TableName, item, ifAbsent = [] }, signal) {
      const wireInput = { TableName, Item: item, ...(ifAbsent.length > 0 && absenceCondition(ifAbsent)) };
      await call('PutItem', TableName, signal, (sdk, aborted) =>
        callWire(new sdk.PutItemCommand({ TableName, Item: {} }), (command) => sdk.client.send(command), {
          wireInput,
          signal: aborted,
        }),
      );
    },

    async getItem({ TableName, key }, signal) {
      const wireInput = { TableName, Key: key, ConsistentRead: true };
      const { Item: item } = await call('GetItem', TableName, signal, (sdk, aborted) =>
        callWire(new sdk.GetItemCommand({ TableName, Key: {} }), (command) => sdk.client.send(command), {
          wireInput,
          signal: aborted,
        }),
      );
      if (isAbsent(item)) return undefined;
      if (!isWireItem(item)) throw badResponse('to GetItem has an Item that is not one');
      return item;
    },

    async deleteItem({ TableName, key }, signal) {
      const wireInput = { TableName, Key: key };
      await call('DeleteItem', TableName, signal, (sdk, aborted) =>
        callWire(new sdk.DeleteItemCommand({ TableName, Key: {} }), (command) => sdk.client.send(command), {
          wireInput,
          signal: aborted,
        }),
      );
    },

    close: () => caller.close(),
  };
}

async function createClient(config: SdkConfig, { onDate }: ClientOptions) {
  const sdk = dynamoDb();
  const client = new sdk.DynamoDBClient(config);
  useWireJson(client.middlewareStack, config.requestHandler, onDate);
  return {
    client,
    CreateTableCommand: sdk.CreateTableCommand,
    DeleteItemCommand: sdk.DeleteItemCommand,
    DeleteTableCommand: sdk.DeleteTableCommand,
    DescribeTableCommand: sdk.DescribeTableCommand,
    DescribeTimeToLiveCommand: sdk.DescribeTimeToLiveCommand,
    GetItemCommand: sdk.GetItemCommand,
    PutItemCommand: sdk.PutItemCommand,
    UpdateTableCommand: sdk.UpdateTableCommand,
    UpdateTimeToLiveCommand: sdk.UpdateTimeToLiveCommand,
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
