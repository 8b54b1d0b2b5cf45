import { streamOf } from './describe-stream.js';
import { decodeIterator, encodeIterator, type Iterator } from './iterators.js';
import type { SimulatedShard } from './model-types.js';
import { ServiceError } from './service-error.js';
import type { StreamModel } from './stream-model.js';

/** GetRecords gives at most 1 MB and 1000 records (API reference). */
const PAGE_BYTES = 1024 * 1024;
const PAGE_RECORDS = 1000;

type Input = Readonly<Record<string, unknown>>;

export function getShardIterator(model: StreamModel, input: Input): string {
  const stream = streamOf(model, input['StreamArn']);
  const shard = model.findShard(String(input['ShardId']));
  if (shard?.stream !== stream || shard.removed)
    throw new ServiceError('ResourceNotFoundException', 'Shard does not exist');
  const { position, base } = startOf(shard, input, model.numbering === 'ddblocal');
  if (base < shard.trimmed && model.settings.trimmedAt === 'GetShardIterator') throw trimmed();
  const ShardIterator = encodeIterator({
    StreamArn: stream.StreamArn,
    shardNumber: shard.number,
    position,
    base,
    emptied: 0,
    issuedAt: model.now(),
    generation: shard.generation,
  });
  return JSON.stringify({ ShardIterator });
}

export function getRecords(model: StreamModel, input: Input): string {
  const iterator = decodeIterator(input['ShardIterator']);
  const shard = shardOf(model, iterator);
  const limit = Number(input['Limit'] ?? PAGE_RECORDS);
  if (!(limit >= 1 && limit <= PAGE_RECORDS)) {
    throw new ServiceError('ValidationException', `Limit ${limit} is not between 1 and ${PAGE_RECORDS}`);
  }
  if (!model.rates.admit(`GetRecords ${shard.ShardId}`, model.settings.getRecordsPerShardPerSecond)) {
    throw new ServiceError('LimitExceededException', 'Rate of GetRecords calls exceeded for the shard');
  }
  if (iterator.generation < shard.generation || model.now() - iterator.issuedAt >= model.settings.iteratorLifeMs) {
    throw new ServiceError('ExpiredIteratorException', 'Iterator expired. The iterator was created too long ago.');
  }
  if (Math.min(iterator.base, iterator.position) < shard.trimmed) throw trimmed();
  return page(model, shard, iterator, limit);
}

/** The shard that an iterator belongs to. Throws ResourceNotFoundException when it is gone. */
function shardOf(model: StreamModel, iterator: Iterator): SimulatedShard {
  const shard = model.shards[iterator.shardNumber];
  if (shard === undefined || shard.removed || shard.stream.StreamArn !== iterator.StreamArn) {
    throw new ServiceError('ResourceNotFoundException', 'Shard does not exist');
  }
  return shard;
}

function page(model: StreamModel, shard: SimulatedShard, iterator: Iterator, limit: number): string {
  const { log } = shard;
  const { cutPage, closedShardEnd } = model.settings;
  const { position, emptied } = iterator;
  const isEmpty = (shard.emptyPages.get(position) ?? 0) > emptied;
  const end = isEmpty ? position : nextEmptyPage(shard, position);
  const available = Math.min(end - position, limit);
  const count = cutPage && available > 0 ? Math.min(available, cutPage(available)) : available;
  const records: string[] = [];
  let bytes = 0;
  for (let index = position; index < position + count; index += 1) {
    const json = log.json(index);
    bytes += json.length + 1;
    if (bytes > PAGE_BYTES && records.length > 0) break;
    records.push(json);
  }
  const next = position + records.length;
  const hasMore =
    shard.closedAt === undefined ||
    next < log.length ||
    (shard.emptyPages.get(next) ?? 0) > (records.length > 0 ? 0 : emptied + Number(isEmpty)) ||
    (records.length > 0 && closedShardEnd === 'empty-page');
  const NextShardIterator = encodeIterator({
    ...iterator,
    position: next,
    base: next,
    emptied: records.length > 0 ? 0 : emptied + Number(isEmpty),
    issuedAt: model.now(),
    generation: shard.generation,
  });
  return `{"Records":[${records.join(',')}]${hasMore ? `,"NextShardIterator":${JSON.stringify(NextShardIterator)}` : ''}}`;
}

/** Index up to which a page that begins at `position` may reach. */
function nextEmptyPage(shard: SimulatedShard, position: number): number {
  let end = shard.log.length;
  for (const index of shard.emptyPages.keys()) if (index > position && index < end) end = index;
  return end;
}

function startOf(shard: SimulatedShard, input: Input, strict: boolean): { position: number; base: number } {
  const { length } = shard.log;
  const type = String(input['ShardIteratorType']);
  if (type === 'TRIM_HORIZON') return at(shard.trimmed);
  if (type === 'LATEST') return at(length);
  if (type !== 'AFTER_SEQUENCE_NUMBER' && type !== 'AT_SEQUENCE_NUMBER') {
    throw new ServiceError('ValidationException', `ShardIteratorType ${type} is unknown`);
  }
  const text = String(input['SequenceNumber']);
  if (!/^\d{21,40}$/.test(text)) throw new ServiceError('ValidationException', 'Invalid SequenceNumber');
  const { count, exact } = shard.sequenceNumbers.countUpTo(BigInt(text));
  // DynamoDB Local wants a SequenceNumber that the shard has reached; AWS takes a later one and answers empty pages.
  if (strict && count > length) {
    throw new ServiceError('ValidationException', 'Invalid SequenceNumber for the shard');
  }
  const after = Math.min(count, length);
  const own = exact && count <= length ? count - 1 : after;
  return type === 'AFTER_SEQUENCE_NUMBER' ? at(after, own) : at(own);
}

function at(position: number, base = position): { position: number; base: number } {
  return { position, base };
}

function trimmed(): ServiceError {
  return new ServiceError('TrimmedDataAccessException', 'The position is older than the trim horizon of the shard');
}
