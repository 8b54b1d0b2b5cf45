import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

type Bytes = AsyncIterable<Uint8Array>;

/** The text of a file as UTF-8 without a byte order mark. Its first bytes show whether it is gzip or UTF-16. */
export async function* textBytes(chunks: Bytes): AsyncGenerator<Uint8Array, void, undefined> {
  const { head, all } = await peek(chunks);
  yield* utf8(head[0] === 0x1f && head[1] === 0x8b ? gunzip(all) : all);
}

function gunzip(chunks: Bytes): Bytes {
  const source = Readable.from(chunks);
  const unzipped = createGunzip();
  source.once('error', (error) => unzipped.destroy(error));
  return source.pipe(unzipped);
}

async function* utf8(chunks: Bytes): AsyncGenerator<Uint8Array, void, undefined> {
  const { head, all } = await peek(chunks);
  const [first, second, third] = head;
  const isUtf8 = first === 0xef && second === 0xbb && third === 0xbf;
  const name =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : undefined;
  if (name === undefined && !isUtf8) {
    yield* all;
    return;
  }
  // The decoder removes the byte order mark.
  const decoder = new TextDecoder(name ?? 'utf-8');
  for await (const chunk of all) yield Buffer.from(decoder.decode(chunk, { stream: true }));
  yield Buffer.from(decoder.decode());
}

/** The first three bytes or more (fewer only at the end of the input), and the whole input. */
async function peek(chunks: Bytes): Promise<{ head: Uint8Array; all: Bytes }> {
  const iterator = chunks[Symbol.asyncIterator]();
  let head: Uint8Array = Buffer.alloc(0);
  while (head.length < 3) {
    const next = await iterator.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  return {
    head,
    all: (async function* () {
      if (head.length > 0) yield head;
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
    })(),
  };
}
