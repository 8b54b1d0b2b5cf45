/**
 * Bytes of an item as it is stored. DynamoDB takes 400 KB; as JSON each byte of a string may become six, and a record
 * has two images.
 */
export const MAX_ITEM = 16 * 1024 * 1024;

/** Bytes of what is appended to a segment in one piece, before it is compressed. A page has 1 MB, 6 MB in a Lambda event. */
export const MAX_PIECE = 32 * 1024 * 1024;

/** Lines of such a piece. A page has at most 1000 records, a Lambda event 10,000. */
export const MAX_LINES = 100_000;
