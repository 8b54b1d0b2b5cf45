import type { OracleLine } from './archive-oracle.js';

/** Holds the shards that heartbeats drop against what the journal said of them before, and says after. */
export class DroppedAudit {
  readonly problems: string[] = [];
  readonly #isListed: (ShardId: string) => boolean;
  /** By stream: the last checkpoint of each shard that was not dropped. */
  readonly #kept = new Map<string, Map<string, { readonly position: string; readonly childless?: true }>>();
  readonly #dropped = new Set<string>();

  /** @param isListed whether the stream still has the shard when the archive is looked at. */
  constructor(isListed: (ShardId: string) => boolean) {
    this.#isListed = isListed;
  }

  get count(): number {
    return this.#dropped.size;
  }

  take(line: OracleLine): void {
    if (line.type === 'heartbeat') for (const ShardId of line.dropped ?? []) this.#drop(line.stream, ShardId);
    else if (this.#dropped.has(line.ShardId)) this.problems.push(`comes again after it was dropped: ${line.ShardId}`);
    if (line.type !== 'checkpoint') return;
    const shards = this.#kept.get(line.stream) ?? new Map();
    this.#kept.set(line.stream, shards.set(line.ShardId, line));
  }

  #drop(stream: string, ShardId: string): void {
    const shards = this.#kept.get(stream);
    const last = shards?.get(ShardId);
    if (last?.position !== 'SHARD_END') this.problems.push(`dropped before its end: ${ShardId}`);
    // Of a stream that was switched off no child is to come.
    const isOver = [...this.#kept.keys()].some((other) => other > stream);
    if (last?.childless === true && !isOver)
      this.problems.push(`dropped, and its children are still to come: ${ShardId}`);
    if (this.#isListed(ShardId)) this.problems.push(`dropped, and the stream still has it: ${ShardId}`);
    shards?.delete(ShardId);
    this.#dropped.add(ShardId);
    if (shards?.size === 0) this.problems.push(`nothing is left of the stream: ${stream}`);
  }
}
