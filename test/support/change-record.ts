import type { ChangeRecord, WireItem } from '../../src/ports/index.js';

/** Members of a record; what is inside `dynamodb` may be malformed, as anything on the wire may be. */
export interface SampleRecord extends Partial<Omit<ChangeRecord, 'dynamodb'>> {
  readonly dynamodb?: { readonly [member in keyof ChangeRecord['dynamodb']]?: unknown };
}

/** 2026-11-23T12:00:00Z in epoch seconds: when the sample deletion happened. */
export const DELETED_AT = Date.UTC(2026, 10, 23, 12) / 1000;

const SAMPLE_ITEM: WireItem = { PK: { S: 'user-1' }, ttl: { N: String(DELETED_AT - 10) } };

export const TTL_SERVICE = { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' } as const;

/** A deletion by TTL as AWS sends it; what is given replaces its members. */
export function changeRecord({ dynamodb, ...outer }: SampleRecord = {}): ChangeRecord {
  const change: ChangeRecord['dynamodb'] = {
    ApproximateCreationDateTime: DELETED_AT,
    Keys: { PK: { S: 'user-1' } },
    OldImage: SAMPLE_ITEM,
    SequenceNumber: '100000000000000000000001',
    SizeBytes: 30,
    StreamViewType: 'OLD_IMAGE',
  };
  return {
    eventID: 'event-1',
    eventName: 'REMOVE',
    awsRegion: 'us-east-1',
    userIdentity: TTL_SERVICE,
    ...outer,
    dynamodb: Object.assign(change, dynamodb),
  };
}

/** An item out of its JSON text: the only way to an attribute called `__proto__`. */
export function wireItem(text: string): WireItem {
  const item: WireItem = JSON.parse(text);
  return item;
}
