import { isObject } from '../lib/json-checks.js';
import type { ChangeRecord, Shard, StreamsPage, TablesPage, TagsPage, WireItem } from '../ports/index.js';
import { badResponse } from './wire-body.js';

/*
 * Responses are checked for what the rest of the program relies on, so that an invalid one costs a retry, never a crash or
 * a checkpoint. Nothing is allocated for a valid record.
 */

type Json = Record<string, unknown>;

/** Digits of a SequenceNumber (API_streams_StreamRecord). They are parsed as BigInt. */
export const MAX_DIGITS = 40;
const SEQUENCE_NUMBER = new RegExp(`^\\d{1,${MAX_DIGITS}}$`);

/** A Date in JavaScript ends at this time. */
export const MAX_EPOCH_SECONDS = 8.64e12;

/**
 * The records of a GetRecords response. Members that are null are left out; `JSON.stringify` of a record still returns
 * what was sent. Throws BAD_RESPONSE.
 */
export function recordsOf(json: Json): readonly ChangeRecord[] {
  const { Records: sent } = json;
  if (!Array.isArray(sent)) throw badResponse('to GetRecords has no Records');
  const records = eachOf(sent, withoutNullsInRecord);
  if (!isListOf(records, isChangeRecord)) throw badResponse('to GetRecords has a record that is not a stream record');
  return records;
}

/** The shards of a DescribeStream response's StreamDescription. Throws BAD_RESPONSE. */
export function shardsOf(description: Json): readonly Shard[] {
  const { Shards: sent } = description;
  if (!Array.isArray(sent)) throw badResponse('to DescribeStream has no Shards');
  const shards = eachOf(sent, (shard) => withoutNulls(shard, ['SequenceNumberRange']));
  if (!isListOf(shards, isShard)) throw badResponse('to DescribeStream has a shard that is not one');
  return shards;
}

/** A ListStreams response. Throws BAD_RESPONSE. */
export function streamsPageOf(json: Json): StreamsPage {
  const { Streams: streams } = json;
  if (!Array.isArray(streams)) throw badResponse('to ListStreams has no Streams');
  if (!isListOf(streams, isObject)) throw badResponse('to ListStreams has a stream that is not one');
  const last = optionalText(json, 'LastEvaluatedStreamArn');
  return {
    Streams: streams.map((stream) => ({ StreamArn: textMember(stream, 'StreamArn') })),
    ...(last !== undefined && { LastEvaluatedStreamArn: last }),
  };
}

/** A ListTables response. Throws BAD_RESPONSE. */
export function tablesPageOf(json: Json): TablesPage {
  const { TableNames } = json;
  if (!isListOf(TableNames, isText)) throw badResponse('to ListTables has no TableNames');
  const last = optionalText(json, 'LastEvaluatedTableName');
  return { TableNames, ...(last !== undefined && { LastEvaluatedTableName: last }) };
}

/** A ListTagsOfResource response. Throws BAD_RESPONSE. */
export function tagsPageOf(json: Json): TagsPage {
  const { Tags: sent } = json;
  const tags = isAbsent(sent) ? [] : sent;
  if (!isListOf(tags, isTag)) throw badResponse('to ListTagsOfResource has a tag that is not one');
  const next = optionalText(json, 'NextToken');
  return { Tags: tags, ...(next !== undefined && { NextToken: next }) };
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isTag(tag: unknown): tag is TagsPage['Tags'][number] {
  return isObject(tag) && isText(tag['Key']) && isText(tag['Value']);
}

/**
 * Some servers send null for an absent member. Here, and nowhere else, such members are removed: from the value, and from
 * those of its members that are named. A value without any is returned as it is.
 */
function withoutNulls(value: unknown, members: readonly string[] = []): unknown {
  if (!isObject(value)) return value;
  let result = value;
  for (const name of members) {
    const member = withoutNulls(value[name]);
    if (member !== value[name]) result = { ...result, [name]: member };
  }
  return hasNull(result) ? Object.fromEntries(Object.entries(result).filter(([, member]) => member !== null)) : result;
}

/** True for an absent member, for which some servers send null. */
export function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

function hasNull(value: Json): boolean {
  for (const name in value) if (value[name] === null) return true;
  return false;
}

const RECORD_MEMBERS = ['dynamodb', 'userIdentity'];

/** JSON.stringify still returns what was sent, nulls included, for the archive's format `record`. */
function withoutNullsInRecord(sent: unknown): unknown {
  const record = withoutNulls(sent, RECORD_MEMBERS);
  if (record !== sent) Object.defineProperty(record, 'toJSON', { value: () => sent });
  return record;
}

/** The changed elements; the same list when none changes. */
function eachOf(list: readonly unknown[], change: (element: unknown) => unknown): readonly unknown[] {
  for (const element of list) if (change(element) !== element) return list.map(change);
  return list;
}

/** A member that has to be an object. Throws BAD_RESPONSE. */
export function objectMember(json: Json, name: string): Json {
  const value = json[name];
  if (!isObject(value)) throw badResponse(`has no ${name}`);
  return value;
}

/** A member that has to be a non-empty string. Throws BAD_RESPONSE. */
export function textMember(json: Json, name: string): string {
  const value = optionalText(json, name);
  if (value === undefined) throw badResponse(`has no ${name}`);
  return value;
}

/** A member that is absent, or else a non-empty string. Throws BAD_RESPONSE. */
export function optionalText(json: Json, name: string): string | undefined {
  const value = json[name];
  if (isAbsent(value)) return undefined;
  if (typeof value !== 'string' || value === '') throw badResponse(`has a ${name} that is not a text`);
  return value;
}

/** A member that is absent, or else a number. Throws BAD_RESPONSE. */
export function optionalNumber(json: Json, name: string): number | undefined {
  const value = json[name];
  if (isAbsent(value)) return undefined;
  if (typeof value !== 'number') throw badResponse(`has a ${name} that is not a number`);
  return value;
}

/** True for an object all of whose members are objects. */
export function isWireItem(value: unknown): value is WireItem {
  if (!isObject(value)) return false;
  for (const name in value) if (!isObject(value[name])) return false;
  return true;
}

/** True for an array whose elements all pass. */
export function isListOf<T>(list: unknown, is: (element: unknown) => element is T): list is readonly T[] {
  if (!Array.isArray(list)) return false;
  for (const element of list) if (!is(element)) return false;
  return true;
}

function isChangeRecord(record: unknown): record is ChangeRecord {
  if (!isObject(record) || typeof record['eventName'] !== 'string' || typeof record['eventID'] !== 'string') {
    return false;
  }
  const { dynamodb, userIdentity } = record;
  return isStreamRecord(dynamodb) && (userIdentity === undefined || userIdentity === null || isObject(userIdentity));
}

function isStreamRecord(dynamodb: unknown): boolean {
  if (!isObject(dynamodb)) return false;
  const {
    SequenceNumber: sequenceNumber,
    ApproximateCreationDateTime: time,
    Keys: keys,
    OldImage: oldImage,
    NewImage: newImage,
  } = dynamodb;
  return (
    typeof sequenceNumber === 'string' &&
    SEQUENCE_NUMBER.test(sequenceNumber) &&
    (time === undefined || (typeof time === 'number' && time >= 0 && time <= MAX_EPOCH_SECONDS)) &&
    isWireItem(keys) &&
    (oldImage === undefined || isWireItem(oldImage)) &&
    (newImage === undefined || isObject(newImage))
  );
}

function isShard(shard: unknown): shard is Shard {
  if (!isObject(shard) || typeof shard['ShardId'] !== 'string' || shard['ShardId'] === '') return false;
  const { ParentShardId: parent, SequenceNumberRange: range } = shard;
  if (parent !== undefined && typeof parent !== 'string') return false;
  if (range === undefined) return true;
  return (
    isObject(range) &&
    isSequenceNumber(range['StartingSequenceNumber']) &&
    isSequenceNumber(range['EndingSequenceNumber'])
  );
}

function isSequenceNumber(value: unknown): boolean {
  return value === undefined || (typeof value === 'string' && SEQUENCE_NUMBER.test(value));
}
