import { isZlibError } from '../archive/gzip-member.js';
import { TtlArchiveError } from '../errors.js';
import { type JsonValue, JsonValues } from '../lib/json-values.js';
import { textBytes } from '../lib/text-bytes.js';
import { type Decoded, decodeItems } from './decode-item.js';

/** An item has at most 400 KB; as DynamoDB JSON with escapes and base64 a few times as much. */
const MAX_VALUE = 32 * 1024 * 1024;

/**
 * The items in a file or on stdin: as DynamoDB JSON, as `{"Item":{…}}`, as stream records or Lambda events; one a line,
 * one after the other, in one array, or over many lines; gzipped or not, in UTF-8 or UTF-16. `name` is the input in
 * messages. Text that cannot be read becomes an item with a problem, and reading continues. Throws the input's errors.
 */
export async function* readExternalItems(
  chunks: AsyncIterable<Uint8Array>,
  { name, keyNames }: { readonly name: string; readonly keyNames: readonly string[] },
): AsyncGenerator<{ where: string; decoded: Decoded }, void, undefined> {
  const isWhole = (text: string) => decodeItems(text, keyNames).every((decoded) => 'item' in decoded);
  const values = new JsonValues({ limit: MAX_VALUE, isWhole });
  const found = function* (some: Iterable<JsonValue>) {
    for (const { text, line, nth, tooLong } of some) {
      const where = nth === 1 ? `${name}:${line}` : `${name}:${line}:${nth}`;
      const problem = `it has more than ${MAX_VALUE} bytes`;
      for (const decoded of tooLong === true ? [{ problem }] : decodeItems(text, keyNames)) yield { where, decoded };
    }
  };
  try {
    for await (const chunk of textBytes(chunks)) yield* found(values.push(chunk));
  } catch (error) {
    if (error instanceof TtlArchiveError || !isZlibError(error)) throw error;
    yield { where: name, decoded: { problem: 'its gzip data is damaged: the rest cannot be read' } };
    return;
  }
  yield* found(values.end());
}
