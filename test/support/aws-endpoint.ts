import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as the endpoint got it. */
export interface ReceivedCall {
  /** Such as `GetRecords`. */
  readonly operation: string;
  readonly text: string;
  readonly headers: IncomingMessage['headers'];
  /** From the signature. */
  readonly accessKeyId: string;
}

export interface AwsEndpoint {
  readonly url: string;
  readonly calls: readonly ReceivedCall[];
  close(): Promise<void>;
}

/** A loopback HTTP server that notes every call and leaves the answer, however broken, to `answer`. */
export async function startAwsEndpoint(
  answer: (call: ReceivedCall, response: ServerResponse, request: IncomingMessage) => void,
): Promise<AwsEndpoint> {
  const calls: ReceivedCall[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const call = {
        operation: String(request.headers['x-amz-target']).replace(/^.*\./, ''),
        text: Buffer.concat(chunks).toString(),
        headers: request.headers,
        accessKeyId: /Credential=([^/]+)/.exec(request.headers.authorization ?? '')?.[1] ?? '',
      };
      calls.push(call);
      answer(call, response, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Answers with JSON, as DynamoDB does. */
export function answerJson(response: ServerResponse, json: unknown, status = 200, headers: object = {}): void {
  const body = Buffer.from(JSON.stringify(json));
  response.writeHead(status, {
    'content-type': 'application/x-amz-json-1.0',
    'content-length': body.length,
    ...headers,
  });
  response.end(body);
}

/** Answers with an error as DynamoDB words it. */
export function answerError(response: ServerResponse, name: string, message: string, status = 400): void {
  answerJson(response, { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message }, status);
}
