/** An attribute value in DynamoDB JSON exactly as sent: `{"S":"x"}`, `{"N":"1.0"}`, `{"B":"<base64>"}`, … */
export type WireValue = { readonly [type: string]: unknown };

/** An item (or key) in DynamoDB JSON exactly as sent. */
export type WireItem = { readonly [attribute: string]: WireValue };

/** A stream record exactly as GetRecords sent it (wire JSON, not the SDK's deserialised form). */
export interface ChangeRecord {
  readonly eventID: string;
  /** INSERT, MODIFY or REMOVE; DynamoDB Local 3.x also sends UNKNOWN_TO_SDK_VERSION (for a TTL deletion). */
  readonly eventName: string;
  readonly awsRegion?: string;
  readonly userIdentity?: { readonly Type?: string; readonly PrincipalId?: string } | null;
  readonly dynamodb: {
    /** Epoch seconds, rounded down (DynamoDB Local: to the minute). */
    readonly ApproximateCreationDateTime?: number;
    readonly Keys: WireItem;
    readonly NewImage?: WireItem;
    readonly OldImage?: WireItem;
    /** A decimal string of up to 40 digits; compare as BigInt. */
    readonly SequenceNumber: string;
    readonly SizeBytes?: number;
    readonly StreamViewType?: string;
  };
}
