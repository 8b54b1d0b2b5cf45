/** DynamoDB Streams keeps a record for 24 hours and may trim it at any moment after that (developerguide/Streams). */
export const RETENTION = 24 * 60 * 60 * 1000;

/**
 * What can have been trimmed unread from a shard that was read up to `readUpTo`: nothing when that is less than 24 hours
 * ago, since all that came later is still kept; otherwise the time from then to 24 hours ago.
 *
 * @param readUpTo Epoch milliseconds: everything that the shard received before has been read.
 * @param now Epoch milliseconds.
 */
export function lossSince(readUpTo: number, now: number): { from: number; to: number } | undefined {
  const to = now - RETENTION;
  return readUpTo > to ? undefined : { from: readUpTo, to };
}
