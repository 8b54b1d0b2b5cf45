/** How to reach DynamoDB, as the user said; what is absent comes from the SDK's own chain. */
export interface Connection {
  readonly endpointUrl?: string;
  readonly region?: string;
  readonly profile?: string;
}
