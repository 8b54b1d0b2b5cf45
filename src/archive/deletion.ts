import type { ChangeRecord, Deletions, Provenance, WireItem } from '../ports/index.js';
import { ttlOf } from './ttl-value.js';

export interface DeletionRule {
  readonly deletions: Deletions;
  /** The table's TTL attribute; without it no deletion can be inferred. */
  readonly ttlAttribute?: string | undefined;
}

/** What to do with a record. */
export type Verdict =
  | { readonly kind: 'archive'; readonly provenance: Provenance }
  /** A deletion to be archived whose record has no OldImage: a gap. */
  | { readonly kind: 'no-old-image'; readonly provenance: Provenance }
  | { readonly kind: 'ignore'; readonly as: 'insert' | 'modify' | 'remove' | 'unknown' };

/** The eventName of a TTL deletion in DynamoDB Local 3.x (measured on 3.1.0, 3.3.0 and 3.3.1). */
const UNKNOWN_EVENT = 'UNKNOWN_TO_SDK_VERSION';
const LOCAL_REGION = 'ddblocal';

/** Seconds to which ApproximateCreationDateTime is rounded down. */
const ROUNDED_TO = { dynamodb: 1, local: 60 };

/** TTL ignores items whose TTL attribute is more than five years in the past (five years have up to 2 leap days). */
const OLDEST_TTL = (5 * 365 + 2) * 86_400;

// Constants, so that a page of ignored records allocates nothing.
const INSERT: Verdict = { kind: 'ignore', as: 'insert' };
const MODIFY: Verdict = { kind: 'ignore', as: 'modify' };
const REMOVE: Verdict = { kind: 'ignore', as: 'remove' };
const UNKNOWN: Verdict = { kind: 'ignore', as: 'unknown' };

/**
 * Decides whether a record is a deletion to be archived, and why. The strongest evidence counts: made by the TTL service,
 * marked by DynamoDB Local 3.x, expired when it was deleted, deleted at all.
 */
export function classify(record: ChangeRecord, rule: DeletionRule): Verdict {
  switch (record.eventName) {
    case 'INSERT':
      return INSERT;
    case 'MODIFY':
      return MODIFY;
    case 'REMOVE': {
      const provenance = removalProvenance(record, rule);
      return provenance === undefined ? REMOVE : withImage(record, provenance);
    }
    default:
      return isLocalTtlDeletion(record) ? withImage(record, 'ddb-local') : UNKNOWN;
  }
}

/** As documented for a deletion by TTL: a REMOVE made by the service principal of DynamoDB. */
export function isTtlDeletion({ eventName, userIdentity }: ChangeRecord): boolean {
  return (
    eventName === 'REMOVE' && userIdentity?.Type === 'Service' && userIdentity.PrincipalId === 'dynamodb.amazonaws.com'
  );
}

/** Only with the `awsRegion` of DynamoDB Local: on AWS an unknown eventName is an event of a new kind. */
function isLocalTtlDeletion({ eventName, awsRegion, userIdentity, dynamodb }: ChangeRecord): boolean {
  return (
    eventName === UNKNOWN_EVENT && awsRegion === LOCAL_REGION && isAbsent(userIdentity) && isAbsent(dynamodb.NewImage)
  );
}

function removalProvenance(record: ChangeRecord, { deletions, ttlAttribute }: DeletionRule): Provenance | undefined {
  if (isTtlDeletion(record)) return 'ttl';
  if (deletions === 'ttl') return undefined;
  if (isAbsent(record.userIdentity) && wasExpired(record, ttlAttribute)) return 'inferred';
  return deletions === 'all' ? 'all' : undefined;
}

/**
 * Whether TTL may have deleted the item at that time. When in doubt the item is archived: better one that was deleted by
 * hand in the second in which it expired than the loss of one that TTL deleted.
 */
function wasExpired(record: ChangeRecord, ttlAttribute: string | undefined): boolean {
  const { awsRegion, dynamodb } = record;
  const ttl = ttlOf(record, ttlAttribute);
  const rounded = dynamodb.ApproximateCreationDateTime;
  if (ttl === undefined || typeof rounded !== 'number') return false;
  const latest = rounded + (awsRegion === LOCAL_REGION ? ROUNDED_TO.local : ROUNDED_TO.dynamodb);
  return ttl < latest && ttl >= rounded - OLDEST_TTL;
}

function withImage(record: ChangeRecord, provenance: Provenance): Verdict {
  return { kind: hasOldImage(record) ? 'archive' : 'no-old-image', provenance };
}

function hasOldImage(record: ChangeRecord): boolean {
  return record.oldImageText !== undefined || isImage(record.dynamodb.OldImage);
}

/** Responses are not validated before this point. */
function isImage(image: unknown): image is WireItem {
  return typeof image === 'object' && image !== null && !Array.isArray(image);
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}
