/**
 * Milliseconds without a renewal after which a holder counts as dead. Longer than a healthy process may stall (a slow disk
 * or network file system, swapping), and short compared with the restart of a service and with the stream's 24 hours.
 */
export const LEASE_MS = 20_000;
/** A lock may have a longer lease than ours (a newer version wrote it), but a forged one must not block forever. */
export const MAX_LEASE_MS = 60_000;
/** Milliseconds between polls of a lock while waiting to see whether its holder renews it. */
export const POLL_MS = 250;

/** Three of four renewals may fail or be late before another process takes the lock over. */
export const RENEWALS_PER_LEASE = 4;
