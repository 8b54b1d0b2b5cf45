import { isObject } from '../lib/json-checks.js';
import type { ChangeRecord } from '../ports/index.js';

/** SequenceNumbers are read as BigInt: nothing but digits, and no more of them than AWS's 40. */
const SEQUENCE_NUMBER = /^\d{1,40}$/;

/** What Lambda is told when it has to go on at a record; undefined when the record does not say. */
export function sequenceNumberOf(sent: unknown): string | undefined {
  const { SequenceNumber: number } = isObject(sent) && isObject(sent['dynamodb']) ? sent['dynamodb'] : {};
  return typeof number === 'string' && SEQUENCE_NUMBER.test(number) ? number : undefined;
}

/**
 * A record of a Lambda event as GetRecords sends it: Lambda writes `type` and `principalId` in lower case. Nothing is
 * copied of what is archived. Undefined when it is no record of DynamoDB Streams at all, or cannot be named in an archive.
 */
export function changeRecordOf(sent: unknown): ChangeRecord | undefined {
  if (!isObject(sent)) return undefined;
  const { eventID, eventName, awsRegion, userIdentity, dynamodb } = sent;
  if (typeof eventID !== 'string' || eventID === '' || typeof eventName !== 'string') return undefined;
  if (!isChange(dynamodb)) return undefined;
  return {
    eventID,
    eventName,
    dynamodb,
    ...(typeof awsRegion === 'string' && { awsRegion }),
    ...(isObject(userIdentity) && { userIdentity: identityOf(userIdentity) }),
  };
}

/** Some tools that replay events spell the members as GetRecords does. */
function identityOf(sent: Record<string, unknown>): { Type?: string; PrincipalId?: string } {
  const Type = sent['type'] ?? sent['Type'];
  const PrincipalId = sent['principalId'] ?? sent['PrincipalId'];
  return {
    ...(typeof Type === 'string' && { Type }),
    ...(typeof PrincipalId === 'string' && { PrincipalId }),
  };
}

/** The images of an insert or a change are nobody's business here; an absent OldImage is the classification's. */
function isChange(dynamodb: unknown): dynamodb is ChangeRecord['dynamodb'] {
  if (!isObject(dynamodb)) return false;
  const { SequenceNumber, Keys, OldImage, ApproximateCreationDateTime: time } = dynamodb;
  return (
    typeof SequenceNumber === 'string' &&
    SEQUENCE_NUMBER.test(SequenceNumber) &&
    isWireItem(Keys) &&
    (OldImage === undefined || OldImage === null || isWireItem(OldImage)) &&
    (time === undefined || typeof time === 'number')
  );
}

function isWireItem(value: unknown): boolean {
  return isObject(value) && Object.values(value).every(isObject);
}
