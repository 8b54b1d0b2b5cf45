/** The interfaces between the rooms. Every room may import them. */
export type * from './clock.js';
export type * from './connection.js';
export type * from './deliveries.js';
export type * from './disk.js';
export type * from './item-store.js';
export type * from './journal.js';
export type * from './log.js';
export type * from './object-storage.js';
export type * from './records.js';
export type * from './streams-client.js';
export type * from './tables-client.js';
