import type { ChangeRecord, Deletions, Provenance, WireItem } from '../ports/index.js';
import { ttlOf } from './ttl-value.js';

export interface DeletionRule {
  readonly deletions: Deletions;
  /** The table's TTL attribute; without it nothing can be inferred. */
  readonly ttlAttribute?: string | undefined;
}

/** What to do with a record. */
export type Verdict =
  | { readonly kind: 'archive'; readonly provenance: Provenance }
  /** A deletion that belongs into the archive, but its record has no OldImage: a loss that has to be told. */
  | { readonly kind: 'no-old-image'; readonly provenance: Provenance }
  | { readonly kind: 'ignore'; readonly as: 'insert' | 'modify' | 'remove' | 'unknown' };

/** What DynamoDB Local 3.x calls a deletion by TTL (measured on 3.1.0, 3.3.0 and 3.3.1). */
const UNKNOWN_EVENT = 'UNKNOWN_TO_SDK_VERSION';
const LOCAL_REGION = 'ddblocal';

/**
 * How far ApproximateCreationDateTime may lie before the true time of the deletion, in seconds: it is rounded down, to
 * the second by DynamoDB, to the minute by DynamoDB Local.
 */
const ROUNDED_TO = { dynamodb: 1, local: 60 };

/** TTL leaves items alone whose TTL attribute is more than five years in the past (five years have up to 2 leap days). */
const OLDEST_TTL = (5 * 365 + 2) * 86_400;

// The verdicts are made once: a page of ignored records allocates nothing.
const ARCHIVE = {
  ttl: { kind: 'archive', provenance: 'ttl' },
  'ddb-local': { kind: 'archive', provenance: 'ddb-local' },
  inferred: { kind: 'archive', provenance: 'inferred' },
  all: { kind: 'archive', provenance: 'all' },
} as const satisfies Record<Provenance, Verdict>;
const INSERT: Verdict = { kind: 'ignore', as: 'insert' };
const MODIFY: Verdict = { kind: 'ignore', as: 'modify' };
const REMOVE: Verdict = { kind: 'ignore', as: 'remove' };
const UNKNOWN: Verdict = { kind: 'ignore', as: 'unknown' };

/**
 * Decides whether a record is a deletion that the archive keeps, and why, by the strongest sign that it carries:
 * made by the TTL service, marked by DynamoDB Local 3.x, expired when it was deleted, deleted at all.
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

/** The documented mark of a deletion by TTL: a REMOVE made by the service principal of DynamoDB. */
export function isTtlDeletion({ eventName, userIdentity }: ChangeRecord): boolean {
  return (
    eventName === 'REMOVE' && userIdentity?.Type === 'Service' && userIdentity.PrincipalId === 'dynamodb.amazonaws.com'
  );
}

/** Only where `awsRegion` is DynamoDB Local's: on AWS an unknown eventName is a kind of event that we do not know. */
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
 * Whether TTL may have deleted the item at that time. Both bounds give the doubt to the archive: an item deleted by
 * hand in the second in which it expired is archived too, rather than that one deleted by TTL is lost.
 */
function wasExpired({ awsRegion, dynamodb }: ChangeRecord, ttlAttribute: string | undefined): boolean {
  const ttl = isImage(dynamodb.OldImage) ? ttlOf(dynamodb.OldImage, ttlAttribute) : undefined;
  const rounded = dynamodb.ApproximateCreationDateTime;
  if (ttl === undefined || typeof rounded !== 'number') return false;
  const latest = rounded + (awsRegion === LOCAL_REGION ? ROUNDED_TO.local : ROUNDED_TO.dynamodb);
  return ttl < latest && ttl >= rounded - OLDEST_TTL;
}

function withImage(record: ChangeRecord, provenance: Provenance): Verdict {
  return isImage(record.dynamodb.OldImage) ? ARCHIVE[provenance] : { kind: 'no-old-image', provenance };
}

/** What is on the wire is not checked before it comes here. */
function isImage(image: unknown): image is WireItem {
  return typeof image === 'object' && image !== null && !Array.isArray(image);
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}
