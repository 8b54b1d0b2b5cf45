/**
 * Bytes of an archived item. DynamoDB allows 400 KB; in JSON each byte of a string may become six, and a record has two
 * images.
 */
export const MAX_ITEM = 16 * 1024 * 1024;

/** Bytes appended to a segment in one piece, before compression. A page has up to 1 MB, a Lambda event 6 MB. */
export const MAX_PIECE = 32 * 1024 * 1024;

/** Lines of such a piece. A page has up to 1000 records, a Lambda event 10,000. */
export const MAX_LINES = 100_000;

/** Bytes of a manifest, which is gzipped: an entry takes about 100 of them. */
export const MAX_MANIFEST = 128 * 1024 * 1024;
