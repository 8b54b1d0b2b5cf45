/** What is wrong with a file or a journal line. */
export type FindingKind =
  /** The file or the segment does not exist. */
  | 'missing'
  /** Its bytes differ from those that were archived. */
  | 'altered'
  /** It cannot be read: it is a link or a folder, permission is denied, or the disk fails. */
  | 'unreadable'
  /** A segment ends before its committed length. */
  | 'truncated'
  /** No journal line lists this file or these bytes of a segment. */
  | 'unlisted'
  /** Two journal lines list the same record or the same file. */
  | 'listed-twice'
  /** A journal line cannot be read or does not continue the previous one. */
  | 'journal'
  /** A manifest of an archive in S3 is damaged. */
  | 'manifest';

/** One mismatch. The texts are untrusted: escape them before printing. */
export interface Finding {
  readonly kind: FindingKind;
  /** Path relative to the archive folder. */
  readonly file: string;
  readonly detail: string;
  /** The journal line that it concerns, as `file:number`. */
  readonly journal?: string;
}
