import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { constants, crc32, createInflateRaw, gzip, gzipSync } from 'node:zlib';
import { eachLine } from '../lib/lines.js';
import { readChunks } from '../lib/read-chunks.js';
import type { Disk } from '../ports/index.js';
import { MAX_LINES, MAX_PIECE } from './limits.js';

// zlib writes the operating system into the header. A fixed header makes the bytes the same everywhere, and lets a reader
// find an altered byte there, too (RFC 1952: no flags, no time, unknown system).
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
/** CRC-32 and length of the content. */
const TRAILER_LENGTH = 8;
const CHUNK = 64 * 1024;

const compress = promisify<string | Uint8Array, { level: number }, Buffer>(gzip);

/** Up to so much is compressed at once, in some 50 µs: handing it to another thread and back takes longer. */
const SHORT = 16 * 1024;

/** One gzip member with this content. Level 1 by default: reading the stream must not wait for the compression. */
export async function gzipMember(
  content: string | Uint8Array,
  level: number = constants.Z_BEST_SPEED,
): Promise<Buffer> {
  const member = content.length <= SHORT ? gzipSync(content, { level }) : await compress(content, { level });
  HEADER.copy(member);
  return member;
}

export interface GzipMember {
  readonly content: Buffer;
  /** Offset in the file of the first byte after the member. */
  readonly end: number;
}

/**
 * The member that begins at `offset`, read in pieces, whatever follows it. `undefined` when these bytes are not a whole,
 * unaltered member as `gzipMember` writes it, or have a content of more than `limit` bytes: a few forged kilobytes can
 * inflate to gigabytes. Throws the disk's errors.
 */
export async function readGzipMember(
  { disk }: { disk: Pick<Disk, 'readAt'> },
  { path, offset, limit = MAX_PIECE }: { readonly path: string; readonly offset: number; readonly limit?: number },
): Promise<GzipMember | undefined> {
  const header = await disk.readAt(path, offset, HEADER.length);
  if (!header.equals(HEADER)) return undefined;
  const start = offset + HEADER.length;
  const deflated = await inflate(readChunks(disk, path, { start, size: CHUNK }), start, Math.min(limit, MAX_PIECE));
  if (deflated === undefined) return undefined;
  const { content, end } = deflated;
  const trailer = await disk.readAt(path, end, TRAILER_LENGTH);
  if (trailer.length < TRAILER_LENGTH || trailer.readUInt32LE(0) !== crc32(content)) return undefined;
  if (trailer.readUInt32LE(4) !== content.length) return undefined;
  return { content, end: end + TRAILER_LENGTH };
}

/** Inflates the deflate data that begin at `start`; `undefined` when they are damaged, cut short or too large. */
async function inflate(chunks: AsyncIterable<Buffer>, start: number, limit: number): Promise<GzipMember | undefined> {
  const stream = createInflateRaw();
  const source = Readable.from(chunks);
  source.on('error', (error) => stream.destroy(error));
  source.pipe(stream);
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const part of stream as AsyncIterable<Buffer>) {
      size += part.length;
      if (size > limit) return undefined;
      parts.push(part);
    }
    return { content: Buffer.concat(parts), end: start + stream.bytesWritten };
  } catch (error) {
    if (isZlibError(error)) return undefined;
    throw error;
  } finally {
    source.destroy();
  }
}

/** True for an error of zlib about damaged data. */
export function isZlibError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_');
}

/**
 * The lines of a member's content, without their line feeds. At most MAX_LINES, because even an empty line takes some
 * hundred bytes of memory.
 */
export function linesOf(content: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (const line of eachLine(content)) {
    if (lines.length === MAX_LINES) break;
    lines.push(line);
  }
  return lines;
}
