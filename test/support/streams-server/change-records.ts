import type { WireItem } from '../../../src/ports/index.js';

/** A change to be put into a shard; Keys, SequenceNumber and eventID come from where it is put. */
export interface Change {
  readonly eventName: string;
  readonly oldImage?: WireItem;
  readonly newImage?: WireItem;
  readonly userIdentity?: { readonly Type: string; readonly PrincipalId: string };
  /** Epoch milliseconds at which it came into the stream, when that is not now. */
  readonly at?: number;
}

const TTL_SERVICE = { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' };

/** A deletion by the TTL service, as AWS and DynamoDB Local 2.x send it. */
export const ttlDelete = (item: WireItem): Change => ({
  eventName: 'REMOVE',
  oldImage: item,
  userIdentity: TTL_SERVICE,
});

/** A deletion by somebody's DeleteItem. */
export const manualDelete = (item: WireItem): Change => ({ eventName: 'REMOVE', oldImage: item });

/** A TTL deletion that another region made (global tables): like a manual one, it carries no userIdentity. */
export const replicatedTtlDelete = (item: WireItem): Change => manualDelete(item);

export const insert = (item: WireItem): Change => ({ eventName: 'INSERT', newImage: item });

export const modify = (oldImage: WireItem, newImage: WireItem): Change => ({
  eventName: 'MODIFY',
  oldImage,
  newImage,
});

/** A TTL deletion as DynamoDB Local 3.x sends it. */
export const unknownEvent = (item: WireItem): Change => ({ eventName: 'UNKNOWN_TO_SDK_VERSION', oldImage: item });

/** Where and when a change lies in the stream. */
export interface RecordPlace {
  readonly eventID: string;
  readonly SequenceNumber: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly awsRegion: string;
  readonly viewType: string;
  readonly keyNames: readonly string[];
}

/** The record as GetRecords sends it. */
export function serialiseRecord(change: Change, place: RecordPlace): string {
  const { oldImage, newImage } = change;
  const shows = (view: string) => place.viewType === view || place.viewType === 'NEW_AND_OLD_IMAGES';
  const image = newImage ?? oldImage ?? {};
  // DynamoDB Local rounds the time down to the minute, AWS to the second.
  const unit = place.awsRegion === 'ddblocal' ? 60 : 1;
  return JSON.stringify({
    awsRegion: place.awsRegion,
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(place.at / 1000 / unit) * unit,
      Keys: Object.fromEntries(Object.entries(image).filter(([name]) => place.keyNames.includes(name))),
      ...(newImage && shows('NEW_IMAGE') && { NewImage: newImage }),
      ...(oldImage && shows('OLD_IMAGE') && { OldImage: oldImage }),
      SequenceNumber: place.SequenceNumber,
      SizeBytes: JSON.stringify(image).length,
      StreamViewType: place.viewType,
    },
    eventID: place.eventID,
    eventName: change.eventName,
    eventSource: 'aws:dynamodb',
    eventVersion: '1.1',
    ...(change.userIdentity && { userIdentity: change.userIdentity }),
  });
}

/** 32 hex digits, the same for the same record and different for any other of the model. */
export function eventIdOf(shardNumber: number, index: number): string {
  const mixed = Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(shardNumber + 1, 0x85ebca6b);
  return `${hex8(mixed)}${hex8(shardNumber)}${hex8(Math.imul(mixed, 0xc2b2ae35))}${hex8(index)}`;
}

function hex8(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}
