import { describe, expect, it } from 'vitest';
import { classify, isTtlDeletion } from '../../../src/archive/deletion.js';
import type { Deletions, WireItem } from '../../../src/ports/index.js';
import { changeRecord, DELETED_AT, type SampleRecord, TTL_SERVICE } from '../../support/change-record.js';

function verdict(sample: SampleRecord, deletions: Deletions, ttlAttribute: string | undefined = 'ttl'): string {
  const found = classify(changeRecord(sample), { deletions, ttlAttribute });
  return found.kind === 'archive' ? found.provenance : found.kind === 'ignore' ? `ignored ${found.as}` : 'no-old-image';
}

function expiring(ttl: string): { OldImage: WireItem } {
  return { OldImage: { PK: { S: 'user-1' }, ttl: { N: ttl } } };
}

const NOT_EXPIRED = expiring(String(DELETED_AT + 3600));
const LOCAL_3 = { eventName: 'UNKNOWN_TO_SDK_VERSION', awsRegion: 'ddblocal', userIdentity: null } as const;

describe('classify', () => {
  const user = { Type: 'User', PrincipalId: 'AIDAEXAMPLE' };
  const cases: [name: string, sample: SampleRecord, ttl: string, inferred: string, all: string][] = [
    ['a deletion by TTL', {}, 'ttl', 'ttl', 'ttl'],
    ['an INSERT', { eventName: 'INSERT' }, 'ignored insert', 'ignored insert', 'ignored insert'],
    ['a MODIFY', { eventName: 'MODIFY' }, 'ignored modify', 'ignored modify', 'ignored modify'],
    ['an eventName of the future', { eventName: 'PURGE' }, 'ignored unknown', 'ignored unknown', 'ignored unknown'],
    ['an expired item without identity', { userIdentity: null }, 'ignored remove', 'inferred', 'inferred'],
    [
      'an item not expired, without identity',
      { userIdentity: null, dynamodb: NOT_EXPIRED },
      'ignored remove',
      'ignored remove',
      'all',
    ],
    ['an expired item of another identity', { userIdentity: user }, 'ignored remove', 'ignored remove', 'all'],
    [
      'another service',
      { userIdentity: { ...TTL_SERVICE, PrincipalId: 'replication.dynamodb.amazonaws.com' } },
      'ignored remove',
      'ignored remove',
      'all',
    ],
    [
      'a user with the name of the service',
      { userIdentity: { ...TTL_SERVICE, Type: 'User' } },
      'ignored remove',
      'ignored remove',
      'all',
    ],
    ['an empty identity', { userIdentity: {} }, 'ignored remove', 'ignored remove', 'all'],
    ['DynamoDB Local 3', LOCAL_3, 'ddb-local', 'ddb-local', 'ddb-local'],
    [
      'the eventName of DynamoDB Local 3 on AWS',
      { ...LOCAL_3, awsRegion: 'us-east-1' },
      'ignored unknown',
      'ignored unknown',
      'ignored unknown',
    ],
    [
      'the eventName of DynamoDB Local 3 with a NewImage',
      { ...LOCAL_3, dynamodb: { NewImage: {} } },
      'ignored unknown',
      'ignored unknown',
      'ignored unknown',
    ],
    [
      'the eventName of DynamoDB Local 3 with an identity',
      { ...LOCAL_3, userIdentity: TTL_SERVICE },
      'ignored unknown',
      'ignored unknown',
      'ignored unknown',
    ],
    [
      'a REMOVE by hand on DynamoDB Local 3',
      { ...LOCAL_3, eventName: 'REMOVE', dynamodb: NOT_EXPIRED },
      'ignored remove',
      'ignored remove',
      'all',
    ],
  ];
  it.each(cases)('classifies %s for each value of --deletions', (_name, sample, ttl, inferred, all) => {
    expect([verdict(sample, 'ttl'), verdict(sample, 'inferred'), verdict(sample, 'all')]).toEqual([ttl, inferred, all]);
  });

  it('treats a missing userIdentity as null', () => {
    const { userIdentity: _absent, ...without } = changeRecord();
    expect(classify(without, { deletions: 'inferred', ttlAttribute: 'ttl' })).toEqual({
      kind: 'archive',
      provenance: 'inferred',
    });
  });

  const fiveYears = 5 * 365 * 86_400;
  it.each([
    ['in the second of the deletion', 'us-east-1', String(DELETED_AT), true],
    ['within that second', 'us-east-1', `${DELETED_AT}.9`, true],
    ['a second later', 'us-east-1', String(DELETED_AT + 1), false],
    ['in the minute of the deletion on DynamoDB Local', 'ddblocal', String(DELETED_AT + 59), true],
    ['a minute later on DynamoDB Local', 'ddblocal', String(DELETED_AT + 60), false],
    ['five years before', 'us-east-1', String(DELETED_AT - fiveYears), true],
    ['six years before', 'us-east-1', String(DELETED_AT - fiveYears - 366 * 86_400), false],
    ['in milliseconds by mistake', 'us-east-1', String(DELETED_AT * 1000), false],
    ['at zero', 'us-east-1', '0', false],
    ['at a negative time', 'us-east-1', '-1', false],
    ['at 1e30', 'us-east-1', '1E+30', false],
    ['that is not a number', 'us-east-1', 'soon', false],
  ])('infers a deletion by TTL from a ttl %s', (_name, awsRegion, ttl, expected) => {
    const sample = { awsRegion, userIdentity: null, dynamodb: expiring(ttl) };
    expect(verdict(sample, 'inferred')).toBe(expected ? 'inferred' : 'ignored remove');
  });

  it.each([
    ['the TTL attribute is unknown', {}, undefined],
    ['the item has no such attribute', {}, 'expires'],
    ['the attribute is inherited by every object', {}, 'constructor'],
    ['the attribute is not a Number', { OldImage: { ttl: { S: String(DELETED_AT) } } }, 'ttl'],
    ['the record has no time', { ApproximateCreationDateTime: undefined }, 'ttl'],
  ])('infers nothing when %s', (_name, dynamodb, ttlAttribute) => {
    const sample = { userIdentity: null, dynamodb };
    expect(classify(changeRecord(sample), { deletions: 'inferred', ttlAttribute })).toEqual({
      kind: 'ignore',
      as: 'remove',
    });
  });

  it.each([
    ['ttl', {}, 'ttl'],
    ['ddb-local', LOCAL_3, 'ttl'],
    ['all', { userIdentity: user }, 'all'],
  ] as const)('tells of a missing OldImage of provenance %s', (provenance, sample, deletions) => {
    for (const OldImage of [undefined, null, 'text', []]) {
      const broken = changeRecord({ ...sample, dynamodb: { OldImage: OldImage } });
      expect(classify(broken, { deletions })).toEqual({ kind: 'no-old-image', provenance });
    }
  });

  it('ignores a record whether or not it has an OldImage', () => {
    const broken = changeRecord({ userIdentity: user, dynamodb: { OldImage: undefined } });
    expect(classify(broken, { deletions: 'ttl' })).toEqual({ kind: 'ignore', as: 'remove' });
  });
});

describe('isTtlDeletion', () => {
  it('requires the event, the type and the principal together', () => {
    expect(isTtlDeletion(changeRecord())).toBe(true);
    expect(isTtlDeletion(changeRecord({ eventName: 'MODIFY' }))).toBe(false);
  });
});
