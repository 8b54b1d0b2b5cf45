/**
 * Milliseconds for which a holder may be silent before it counts as dead. Longer than what stops a healthy process now
 * and then (a disk or network file system that stalls for seconds, a machine that swaps), and short against the time
 * in which a service is restarted and against the 24 hours that the stream keeps its records.
 */
export const LEASE_MS = 20_000;
/** A lock may ask for more than our lease (a newer version wrote it), but a hostile one may not block for ever. */
export const LONGEST_LEASE_MS = 60_000;
/** Milliseconds between two looks at a lock of which only its signs of life tell whether its holder lives. */
export const LOOK_MS = 250;

/** Renewals in the time of a lease: three may fail or be late before anybody takes the lock for abandoned. */
export const RENEWALS_PER_LEASE = 4;
