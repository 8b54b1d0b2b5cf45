/** Bytes of `archive.json` and of the lock: both hold a few hundred. */
export const MAX_SMALL_FILE = 64 * 1024;

/** Bytes of `checkpoints.json`: a shard takes about 250, and a stream of 200,000 shards is larger than any that is known. */
export const MAX_SNAPSHOT = 64 * 1024 * 1024;
