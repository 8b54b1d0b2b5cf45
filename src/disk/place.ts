/** Where a path leads, valid while the operation runs that it was resolved for. */
export interface Place {
  /** The path for messages. */
  readonly path: string;
  /** The path for node:fs. */
  readonly real: string;
  /** Whether the last part of the path may be a symbolic link. */
  readonly follow: boolean;
}

/** How a disk resolves paths. */
export interface Places {
  /** Runs `use` with the place of a file, or of any other entry of a folder. Throws DISK for a path that is not allowed. */
  file<T>(action: string, path: string, use: (place: Place) => Promise<T>): Promise<T>;
  /** Runs `use` with the real path of a folder. */
  folder<T>(action: string, path: string, use: (real: string) => Promise<T>): Promise<T>;
  /** True for the archive folder: it and the folders above it may be links. */
  isRoot(path: string): boolean;
}

/** Paths as they are given: for files that the user names. */
export const anywhere: Places = {
  file: (_action, path, use) => use({ path, real: path, follow: true }),
  folder: (_action, path, use) => use(path),
  isRoot: () => false,
};
