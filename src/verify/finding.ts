/** What is wrong with a file or with a journal line. */
export type FindingKind =
  /** The file, or the segment, is not there. */
  | 'missing'
  /** Its bytes are not the ones that were archived. */
  | 'altered'
  /** It cannot be read: a link or a folder in its place, no permission, a bad disk. */
  | 'unreadable'
  /** A segment ends before its committed length. */
  | 'truncated'
  /** No journal line lists this file, or these bytes of a segment. */
  | 'unlisted'
  /** Two journal lines list the same record or the same file. */
  | 'listed-twice'
  /** A journal line cannot be read or does not follow from the one before. */
  | 'journal';

/** One thing that does not verify. The texts are untrusted: escape them before a terminal sees them. */
export interface Finding {
  readonly kind: FindingKind;
  /** Path relative to the archive folder. */
  readonly file: string;
  readonly detail: string;
  /** Line of the journal that it is about, as `file:number`. */
  readonly journal?: string;
}
