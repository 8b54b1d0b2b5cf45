/** How long a DynamoDB on this machine may take for an answer to ListTables; it takes a few milliseconds. */
const ANSWER_TIMEOUT_MS = 1000;

/**
 * Tells whether a DynamoDB (Local, or another emulator that needs no real credentials) answers at `endpointUrl` within
 * `timeoutMs`. Anything else that listens there, and nothing listening there, is false.
 */
export async function isAnswering(endpointUrl: string, timeoutMs = ANSWER_TIMEOUT_MS): Promise<boolean> {
  try {
    const response = await fetch(endpointUrl, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'DynamoDB_20120810.ListTables',
        // DynamoDB Local reads the shape of this header and never checks the signature.
        authorization:
          'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
      },
      body: '{"Limit":1}',
      signal: AbortSignal.timeout(timeoutMs),
    });
    const answer: unknown = await response.json();
    // A refusal in DynamoDB's own words ({"__type": …}) is an answer too.
    return typeof answer === 'object' && answer !== null && ('TableNames' in answer || '__type' in answer);
  } catch {
    return false;
  }
}
