/** How the upload of a run goes on, or went. */
export interface UploadProgress {
  /** Uploaded by this run, and their bytes. */
  readonly segments: number;
  readonly bytes: number;
  /** Closed and not uploaded yet. */
  readonly waitingSegments: number;
  readonly waitingBytes: number;
  /** Milliseconds since uploads began to fail; undefined while they succeed. */
  readonly failingMs: number | undefined;
  /** Reading stands still, because the spool limit is reached. */
  readonly isPaused: boolean;
}
