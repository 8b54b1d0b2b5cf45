import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { checkUpload, crc32Of } from './checksums.js';
import type { S3Call, S3Fault, S3FaultPlan } from './faults.js';
import { escapeXml, listObjects } from './listing.js';

export interface S3Server {
  readonly endpointUrl: string;
  /** The objects of the one bucket, `bucket`. */
  readonly objects: Map<string, Buffer>;
  readonly calls: readonly S3Call[];
  close(): Promise<void>;
}

export const BUCKET = 'bucket';

/**
 * As much of S3 as an archive needs, over HTTP, with one bucket: PUT with `If-None-Match: *` and checksums (one of them is
 * required), GET with Range, HEAD, DELETE, ListObjectsV2 with pages and delimiter. `faults` decides what goes wrong.
 */
export async function startS3Server({
  faults = () => undefined,
  pageSize = 1000,
}: {
  readonly faults?: S3FaultPlan;
  readonly pageSize?: number;
} = {}): Promise<S3Server> {
  const objects = new Map<string, Buffer>();
  const calls: S3Call[] = [];
  const server = createServer(async (request, response) => {
    const content = await bodyOf(request);
    const url = new URL(request.url ?? '/', 'http://s3');
    const [, bucket = '', ...rest] = decodeURIComponent(url.pathname).split('/');
    const { method = '' } = request;
    const call = { number: calls.length + 1, method, key: rest.join('/'), headers: request.headers };
    calls.push(call);
    const fault = faults(call);
    if (fault?.kind === 'latency') await new Promise((resolve) => setTimeout(resolve, fault.ms));
    if (fault?.kind === 'reset') return void request.socket.destroy();
    if (fault?.kind === 'html') return send(response, { status: 503, body: Buffer.from('<html>busy</html>') });
    if (fault?.kind === 'error') return send(response, errorAnswer(fault.status, fault.code));
    if (fault?.kind === 'altered-upload' && content.length > 0) content[0] = (content[0] ?? 0) ^ 1;
    const answer =
      bucket === BUCKET
        ? answerTo({ ...call, query: url.searchParams, content }, objects, pageSize)
        : errorAnswer(404, 'NoSuchBucket');
    if (fault?.kind === 'lost-answer') return void request.socket.destroy();
    send(response, answer, method, fault);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    endpointUrl: `http://127.0.0.1:${port}`,
    objects,
    calls,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Request extends S3Call {
  readonly query: URLSearchParams;
  readonly content: Buffer;
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

function answerTo(request: Request, objects: Map<string, Buffer>, pageSize: number): Answer {
  const { method, key, query, headers, content } = request;
  const existing = objects.get(key);
  switch (method) {
    case 'PUT': {
      const wrong = checkUpload(content, headers);
      if (wrong === 'missing') return errorAnswer(400, 'MissingChecksum');
      if (wrong !== undefined) return errorAnswer(400, wrong);
      if (headers['content-encoding'] === 'aws-chunked') return errorAnswer(501, 'NotImplemented');
      if (headers['if-none-match'] === '*' && existing !== undefined) return errorAnswer(412, 'PreconditionFailed');
      objects.set(key, content);
      return { status: 200, headers: { etag: '"e"', 'x-amz-checksum-crc32': crc32Of(content) } };
    }
    case 'DELETE':
      objects.delete(key);
      return { status: 204 };
    case 'GET':
    case 'HEAD': {
      if (key === '') {
        const body = Buffer.from(listObjects(objects, { bucket: BUCKET, query, pageSize }));
        return { status: 200, headers: { 'content-type': 'application/xml' }, body };
      }
      return existing === undefined ? errorAnswer(404, 'NoSuchKey') : contentAnswer(existing, headers);
    }
    default:
      return errorAnswer(405, 'MethodNotAllowed');
  }
}

function contentAnswer(content: Buffer, headers: Request['headers']): Answer {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(String(headers['range'] ?? '')) ?? [];
  if (first === undefined || last === undefined) {
    const isChecked = headers['x-amz-checksum-mode'] === 'ENABLED';
    return { status: 200, headers: isChecked ? { 'x-amz-checksum-crc32': crc32Of(content) } : {}, body: content };
  }
  if (Number(first) >= content.length) return errorAnswer(416, 'InvalidRange');
  const body = content.subarray(Number(first), Number(last) + 1);
  const range = `bytes ${first}-${Number(first) + body.length - 1}/${content.length}`;
  return { status: 206, headers: { 'content-range': range }, body };
}

function errorAnswer(status: number, code: string): Answer {
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${escapeXml(code)}</Code><Message>${code}.</Message></Error>`;
  return { status, headers: { 'content-type': 'application/xml' }, body: Buffer.from(body) };
}

function send(response: ServerResponse, answer: Answer, method = '', fault?: S3Fault): void {
  const { status, headers = {} } = answer;
  let { body = Buffer.alloc(0) } = answer;
  if (fault?.kind === 'altered' && body.length > 0) {
    body = Buffer.from(body);
    body[body.length - 1] = (body.at(-1) ?? 0) ^ 1;
  }
  if (fault?.kind === 'truncated-unannounced') body = body.subarray(0, body.length >> 1);
  response.writeHead(status, { ...headers, 'content-length': body.length });
  if (method === 'HEAD') response.end();
  else if (fault?.kind === 'truncated') {
    response.write(body.subarray(0, body.length >> 1), () => response.destroy());
  } else response.end(body);
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}
