/** An attribute value in DynamoDB JSON exactly as sent: `{"S":"x"}`, `{"N":"1.0"}`, `{"B":"<base64>"}`, … */
export type WireValue = { readonly [type: string]: unknown };

/** An item (or key) in DynamoDB JSON exactly as sent. */
export type WireItem = { readonly [attribute: string]: WireValue };

/** A stream record exactly as GetRecords sent it (wire JSON, not the SDK's deserialised form). */
export interface ChangeRecord {
  readonly eventID: string;
  /** INSERT, MODIFY or REMOVE; DynamoDB Local 3.x also sends UNKNOWN_TO_SDK_VERSION (for a TTL deletion). */
  readonly eventName: string;
  readonly awsRegion?: string | undefined;
  readonly userIdentity?: { readonly Type?: string; readonly PrincipalId?: string } | null | undefined;
  readonly dynamodb: {
    /** Epoch seconds, rounded down (DynamoDB Local: to the minute). */
    readonly ApproximateCreationDateTime?: number | undefined;
    readonly Keys: WireItem;
    readonly NewImage?: WireItem | undefined;
    readonly OldImage?: WireItem | undefined;
    /** A decimal string of up to 40 digits; compare as BigInt. */
    readonly SequenceNumber: string;
    readonly SizeBytes?: number;
    readonly StreamViewType?: string;
  };
  /** OldImage as text, for who needs no more than that. Absent when only the parsed OldImage is at hand, or there is none. */
  readonly oldImageText?: ItemText | undefined;
}

/** An item in the text of a response. */
export interface ItemText {
  /** What JSON.stringify gives for the parsed item, in UTF-8. A part of the response. */
  readonly json: Uint8Array;
  /** The text of an attribute that is a Number (`N`); undefined when it is missing, or is none. */
  numberOf(attribute: string): string | undefined;
}
