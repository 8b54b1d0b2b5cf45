/** DynamoDB Streams keeps a record for 24 hours and may trim it at any moment after that (developerguide/Streams). */
export const RETENTION = 24 * 60 * 60 * 1000;

/** The trim horizon moves on while the reading restarts there: a gap ends a little after it, so that it is found once. */
const SLACK = 60_000;

/**
 * What can have been trimmed unread from a shard that was read up to `readUpTo`: nothing when that is no more than 24
 * hours ago, since everything later is still kept; otherwise the time from then to 24 hours ago (and a minute).
 *
 * @param readUpTo Epoch milliseconds: everything that the shard received before has been read.
 * @param now Epoch milliseconds.
 */
export function lossSince(readUpTo: number, now: number): { from: number; to: number } | undefined {
  const horizon = now - RETENTION;
  return readUpTo >= horizon ? undefined : { from: readUpTo, to: horizon + SLACK };
}
