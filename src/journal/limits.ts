/** Bytes of `archive.json`, which has a few hundred. */
export const MAX_SMALL_FILE = 64 * 1024;

/** Bytes of `checkpoints.json`. A shard takes about 250, so there is room for more than 100,000. */
export const MAX_SNAPSHOT = 32 * 1024 * 1024;

/** Bytes of a line. A heartbeat of 10,000 shards has half a megabyte. */
export const MAX_LINE = 16 * 1024 * 1024;

/** Bytes of the item lines of one commit. A page has at most 1000 items, and a key of 3 KB may have 18 KB as JSON. */
export const MAX_COMMIT = 32 * 1024 * 1024;
