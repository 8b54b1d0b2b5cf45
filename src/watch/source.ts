import type { KeyAttribute } from '../ports/index.js';

/** What a run has to read. */
export interface Source {
  /** As DescribeTable returns it; the user may have given an ARN. */
  readonly TableName: string;
  /** The table's LatestStreamArn, or, when the table is gone, a stream of earlier runs that can still be read. */
  readonly StreamArn: string;
  readonly tableIsGone: boolean;
  readonly ttlAttribute: string | undefined;
  readonly keySchema: readonly KeyAttribute[] | undefined;
}
