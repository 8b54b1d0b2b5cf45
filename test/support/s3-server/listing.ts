/** What a ListObjectsV2 request asks for. */
interface Listing {
  readonly bucket: string;
  readonly query: URLSearchParams;
  readonly pageSize: number;
}

/** The XML of a ListObjectsV2 answer over these objects. */
export function listObjects(objects: ReadonlyMap<string, Buffer>, { bucket, query, pageSize }: Listing): string {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const after = decodeToken(query.get('continuation-token')) ?? query.get('start-after') ?? '';
  const most = Math.min(Number(query.get('max-keys') ?? 1000), pageSize);
  const contents: string[] = [];
  const prefixes = new Set<string>();
  let last = '';
  let isTruncated = false;
  for (const key of [...objects.keys()].toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))) {
    if (!key.startsWith(prefix) || Buffer.compare(Buffer.from(key), Buffer.from(after)) <= 0) continue;
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const common = end < 0 ? undefined : key.slice(0, end + delimiter.length);
    // A page may end inside a folder that it has named already.
    if (common !== undefined && (prefixes.has(common) || after.startsWith(common))) {
      last = key;
      continue;
    }
    if (contents.length + prefixes.size === most) {
      isTruncated = true;
      break;
    }
    if (common === undefined) {
      const size = objects.get(key)?.length ?? 0;
      contents.push(`<Contents><Key>${escapeXml(key)}</Key><Size>${size}</Size><ETag>"e"</ETag></Contents>`);
    } else prefixes.add(common);
    last = key;
  }
  return [
    '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
    `<Name>${escapeXml(bucket)}</Name><Prefix>${escapeXml(prefix)}</Prefix><MaxKeys>${most}</MaxKeys>`,
    `<KeyCount>${contents.length + prefixes.size}</KeyCount><IsTruncated>${isTruncated}</IsTruncated>`,
    ...(isTruncated ? [`<NextContinuationToken>${encodeToken(last)}</NextContinuationToken>`] : []),
    ...contents,
    ...[...prefixes].map((common) => `<CommonPrefixes><Prefix>${escapeXml(common)}</Prefix></CommonPrefixes>`),
    '</ListBucketResult>',
  ].join('');
}

export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** A client must not read anything out of a token. */
function encodeToken(key: string): string {
  return Buffer.from(key).toString('base64url');
}

function decodeToken(token: string | null): string | undefined {
  return token === null ? undefined : Buffer.from(token, 'base64url').toString();
}
