import type { Gap } from '../ports/index.js';
import type { FindingKind } from './finding.js';
import type { SampleRead } from './sample.js';

/** What was checked of an archive folder. */
export interface Verification extends Unrelated {
  /** The signal aborted before everything was checked. */
  readonly interrupted: boolean;
  /** Item lines of the journal. */
  readonly items: number;
  /** Bytes covered by their hashes. */
  readonly bytes: number;
  readonly journalLines: number;
  /** Items of `items` that were pruned: they may be missing. */
  readonly pruned: number;
  readonly segments: number;
  readonly onlyInS3: OnlyInS3;
  readonly sample?: SampleRead;
  /** Number of findings by kind; empty when the archive verifies. */
  readonly findings: Readonly<Partial<Record<FindingKind, number>>>;
  /** The latest gaps. A gap is not a mismatch, because the journal records it. */
  readonly gaps: readonly Gap[];
  /** All gap lines of the journal. */
  readonly gapCount: number;
}

/** What was checked of an archive in S3. */
export interface ObjectVerification {
  /** The signal aborted before everything was checked. */
  readonly interrupted: boolean;
  /** Archived items: different eventIDs in the manifests. */
  readonly items: number;
  /** Bytes covered by their hashes. */
  readonly bytes: number;
  /** Manifests. */
  readonly objects: number;
  /** Items that are archived once more: retries of AWS Lambda overlap. Readers drop them. */
  readonly repeated: number;
  /** Data objects without a manifest, which do not count: their writer ended too early. */
  readonly withoutManifest: number;
  readonly sample?: SampleRead;
  /** Number of findings by kind; empty when the archive verifies. */
  readonly findings: Readonly<Partial<Record<FindingKind, number>>>;
}

/** Files that are not the archive's. */
export interface Unrelated {
  /** Files that do not look like archived items. */
  readonly unrelated: number;
  /** Folders that are not the archive's and cannot be listed (`lost+found/`). Untrusted. */
  readonly unreadable: readonly string[];
}

/** Segments that were uploaded and removed here. */
/** Segments that were uploaded and are not here: their bytes are not checked. */
export interface OnlyInS3 {
  readonly segments: number;
  readonly bytes: number;
  /** The archives in S3 that hold them, `s3://bucket/prefix`. Untrusted. */
  readonly to: readonly string[];
}
