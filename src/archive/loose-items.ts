import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { TtlArchiveError } from '../errors.js';
import type { Disk } from '../ports.js';
import { type Decoded, decodeItem } from './decode-item.js';

const CHUNK = 256 * 1024;
/** An item has at most 400 KB; as DynamoDB JSON with escapes and base64 a few times that. */
const LONGEST_LINE = 32 * 1024 * 1024;

/** A file's bytes, piece by piece. Throws what the disk throws. */
export async function* readChunks(disk: Disk, path: string): AsyncGenerator<Buffer, void, undefined> {
  for (let position = 0; ; ) {
    const chunk = await disk.readAt(path, position, CHUNK);
    if (chunk.length === 0) return;
    yield chunk;
    position += chunk.length;
  }
}

/**
 * The items in a file or on stdin: one a line, or one in the whole file; gzipped or not, told by the content. `name`
 * stands for the input in messages.
 *
 * @throws TtlArchiveError USAGE when it is damaged gzip or holds an endless line.
 */
export async function* readLooseItems(
  chunks: AsyncIterable<Uint8Array>,
  { name, keyNames }: { readonly name: string; readonly keyNames: readonly string[] },
): AsyncGenerator<{ where: string; decoded: Decoded }, void, undefined> {
  const lines = splitLines(await gunzipped(chunks), name);
  const first = await lines.next();
  if (first.done === true) return;
  if (!isJson(first.value.text)) {
    // Not one item a line: perhaps one item over many lines, as a formatter writes it.
    const whole = [first.value.text];
    for await (const { text } of lines) whole.push(text);
    yield { where: name, decoded: decodeItem(whole.join('\n'), keyNames) };
    return;
  }
  yield { where: whereOf(first.value), decoded: decodeItem(first.value.text, keyNames) };
  for await (const line of lines) yield { where: whereOf(line), decoded: decodeItem(line.text, keyNames) };

  function whereOf({ number }: { number: number }): string {
    return `${name}:${number}`;
  }
}

async function gunzipped(chunks: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const iterator = chunks[Symbol.asyncIterator]();
  const first = await iterator.next();
  const all = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    if (first.done === true) return;
    yield first.value;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
  };
  const isGzip = first.done !== true && first.value[0] === 0x1f && first.value[1] === 0x8b;
  if (!isGzip) return all();
  const source = Readable.from(all());
  const gunzip = createGunzip();
  source.once('error', (error) => gunzip.destroy(error));
  return source.pipe(gunzip);
}

async function* splitLines(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<{ text: string; number: number }, void, undefined> {
  let rest: Buffer[] = [];
  let size = 0;
  let number = 0;
  const take = (): string => {
    const text = Buffer.concat(rest).toString('utf8').trim();
    rest = [];
    size = 0;
    number++;
    return text;
  };
  try {
    for await (const piece of chunks) {
      const chunk = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
      let start = 0;
      for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, start)) {
        rest.push(chunk.subarray(start, end));
        start = end + 1;
        const text = take();
        if (text !== '') yield { text, number };
      }
      rest.push(chunk.subarray(start));
      size += chunk.length - start;
      if (size > LONGEST_LINE) throw unreadable(name, `has a line of more than ${LONGEST_LINE} bytes`);
    }
  } catch (error) {
    if (error instanceof TtlArchiveError) throw error;
    throw unreadable(name, 'is damaged: it cannot be read to its end', error);
  }
  const text = take();
  if (text !== '') yield { text, number };
}

function unreadable(name: string, what: string, cause?: unknown): TtlArchiveError {
  return new TtlArchiveError('USAGE', `${JSON.stringify(name)} ${what}.`, {
    remedy: 'Give files with items in DynamoDB JSON, one a line or one a file, gzipped or not.',
    cause,
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
