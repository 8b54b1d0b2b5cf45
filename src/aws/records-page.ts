import type { RecordsPage } from '../ports/index.js';
import { scanPage } from './scan-page.js';
import { optionalText, recordsOf } from './validate-response.js';
import { parseBody } from './wire-body.js';

/**
 * The page of a GetRecords response. Its records are read out of the body, which belongs to the page from now on; only
 * what is unusual is parsed as a whole. Throws BAD_RESPONSE.
 */
export function recordsPageOf(body: Buffer): RecordsPage {
  return scanPage(body) ?? parsedPage(body);
}

/** The same by parsing everything. */
export function parsedPage(body: Buffer): RecordsPage {
  const json = parseBody(body);
  const Records = recordsOf(json);
  const NextShardIterator = optionalText(json, 'NextShardIterator');
  return { Records, bytes: body.length, ...(NextShardIterator !== undefined && { NextShardIterator }) };
}
