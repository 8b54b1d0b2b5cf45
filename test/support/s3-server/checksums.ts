import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

export function crc32Of(content: Buffer): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(content));
  return bytes.toString('base64');
}

/** What is wrong with an upload's checksums: the code of S3's error; `missing` when nothing vouches for the bytes. */
export function checkUpload(
  content: Buffer,
  headers: Readonly<Record<string, string | string[] | undefined>>,
): string | undefined {
  const sha256 = createHash('sha256').update(content);
  const base64 = sha256.copy().digest('base64');
  const expected: readonly [header: string, value: string, code: string][] = [
    ['x-amz-checksum-crc32', crc32Of(content), 'BadDigest'],
    ['x-amz-checksum-sha256', base64, 'BadDigest'],
    ['content-md5', createHash('md5').update(content).digest('base64'), 'BadDigest'],
  ];
  const given = expected.filter(([header]) => headers[header] !== undefined);
  if (given.length === 0) return 'missing';
  const signed = headers['x-amz-content-sha256'];
  if (typeof signed === 'string' && /^[0-9a-f]{64}$/.test(signed) && signed !== sha256.digest('hex')) {
    return 'XAmzContentSHA256Mismatch';
  }
  return given.find(([header, value]) => headers[header] !== value)?.[2];
}
