/** A DynamoDB on this machine answers ListTables in a few milliseconds. */
const ANSWER_TIMEOUT_MS = 1000;

/**
 * Whether a DynamoDB (Local, or another emulator that needs no real credentials) answers at `endpointUrl` within
 * `timeoutMs`. False for any other server, and for none.
 */
export async function isAnswering(endpointUrl: string, timeoutMs = ANSWER_TIMEOUT_MS): Promise<boolean> {
  try {
    const response = await fetch(endpointUrl, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'DynamoDB_20120810.ListTables',
        // DynamoDB Local parses this header and never checks the signature.
        authorization:
          'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
      },
      body: '{"Limit":1}',
      signal: AbortSignal.timeout(timeoutMs),
    });
    const answer: unknown = await response.json();
    // An error of DynamoDB ({"__type": …}) is an answer, too.
    return typeof answer === 'object' && answer !== null && ('TableNames' in answer || '__type' in answer);
  } catch {
    return false;
  }
}
