/** Node.js's Buffer; or its base class in a project without @types/node, which the library's types do not need. */
export type Bytes = typeof globalThis extends { Buffer: { isBuffer(value: unknown): value is infer B } }
  ? B
  : Uint8Array;

/**
 * The operations on the file system that durability depends on. Throws TtlArchiveError DISK that names the path (never
 * a raw Node error); a missing file is not an error where `undefined` says so. Files are 0600, folders 0700. Only regular
 * files are read and written: a link, a named pipe or a device in place of one is an error at once.
 */
export interface Disk {
  /** Creates the folder and its parents. */
  makeDirectory(path: string): Promise<void>;
  /** Names in a folder (sorted), with a folder's name ending in `/`; undefined when there is no such folder. */
  list(path: string): Promise<string[] | undefined>;
  /** The whole file; undefined when missing. Throws, without reading it, when it has more than `limit` bytes. */
  read(path: string, limit: number): Promise<Bytes | undefined>;
  /** Up to `length` bytes from `position`; fewer at the end of the file. Throws when the file is missing. */
  readAt(path: string, position: number, length: number): Promise<Bytes>;
  /** The file's size in bytes; undefined when missing. Throws when it is not a file. */
  size(path: string): Promise<number | undefined>;
  /** Writes a whole file, fsynced, under `temporary`, then renames it to `path`. The folder is not synced. */
  replace(path: string, temporary: string, content: Uint8Array | string): Promise<void>;
  /** Creates a file with this content and keeps it open; undefined when it exists already. */
  createExclusive(path: string, content: string): Promise<OwnFile | undefined>;
  rename(from: string, to: string): Promise<void>;
  /** Removes a file, or a link itself; false when there is none. */
  remove(path: string): Promise<boolean>;
  /** Makes created, renamed and removed names in this folder durable. */
  syncDirectory(path: string): Promise<void>;
  /** Opens a file for appending, creating it when missing. */
  openAppend(path: string): Promise<AppendFile>;
}

/** A file that this process has created and holds open: writes go to it even when the path names another one by now. */
export interface OwnFile {
  /** Overwrites the content in place, durably. The new content must not be shorter than the old one. */
  overwrite(content: string): Promise<void>;
  /** True while the path still names this file. */
  isCurrent(): Promise<boolean>;
  close(): Promise<void>;
}

export interface AppendFile {
  /** Current length in bytes. */
  readonly length: number;
  /** True while the path still names this file and nobody else has changed its length. */
  isUntouched(): Promise<boolean>;
  append(content: Uint8Array | string): Promise<void>;
  /** Makes all appended bytes durable. */
  sync(): Promise<void>;
  /** Cuts the file to `length`, durably. */
  truncate(length: number): Promise<void>;
  close(): Promise<void>;
}
