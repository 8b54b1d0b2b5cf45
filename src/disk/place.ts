/** Where a path leads, for as long as the operation that asked for it lasts. */
export interface Place {
  /** The path as messages name it. */
  readonly path: string;
  /** What is handed to node:fs. */
  readonly real: string;
  /** Whether the last part of the path may be a symbolic link. */
  readonly follow: boolean;
}

/** How a disk finds its files and folders. */
export interface Places {
  /** Runs `use` with the place of a file (or of anything that lies in a folder). Throws DISK where nothing may be. */
  file<T>(action: string, path: string, use: (place: Place) => Promise<T>): Promise<T>;
  /** Runs `use` with the real path of a folder. */
  folder<T>(action: string, path: string, use: (real: string) => Promise<T>): Promise<T>;
  /** True for the folder that holds everything: it and what lies above it are the user's, and may be links. */
  isRoot(path: string): boolean;
}

/** Every path as it is given: for files that the user names. */
export const anywhere: Places = {
  file: (_action, path, use) => use({ path, real: path, follow: true }),
  folder: (_action, path, use) => use(path),
  isRoot: () => false,
};
