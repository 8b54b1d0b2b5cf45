import { TtlArchiveError } from '../errors.js';
import { quoted } from '../lib/escape.js';
import type { Deletions, TableDescription, TimeToLive } from '../ports/index.js';
import { newStreamCommands, setupCommand } from './setup-command.js';

/**
 * Why the table's stream cannot be archived; undefined when it can. A stream that was switched off can be archived while
 * LatestStreamArn names it: it stays readable for 24 hours. TTL must be on only for `inferred`, which needs the TTL
 * attribute; for `ttl` TTL that is off is only worth a warning (`ttlIsOff`).
 */
export function whyNotArchivable(
  description: TableDescription,
  ttl: TimeToLive | undefined,
  deletions: Deletions,
): TtlArchiveError | undefined {
  const { TableName, stream, LatestStreamArn } = description;
  if (LatestStreamArn === undefined) {
    return new TtlArchiveError('TABLE', `Table ${quoted(TableName)} has no stream.`, {
      remedy: 'Switch it on:',
      commands: [setupCommand(TableName, ttl)],
    });
  }
  if (stream.viewType === 'KEYS_ONLY' || stream.viewType === 'NEW_IMAGE') {
    return new TtlArchiveError(
      'TABLE',
      `The stream of table ${quoted(TableName)} has view type ${stream.viewType}, which does not hold deleted items.`,
      {
        remedy: stream.enabled
          ? 'A view type cannot be changed. Switch the stream off, then on again with OLD_IMAGE:'
          : 'Switch the stream on again, with OLD_IMAGE:',
        commands: newStreamCommands(TableName, stream.enabled, ttl),
      },
    );
  }
  if (deletions === 'inferred' && (ttl === undefined || ttlIsOff(ttl))) {
    return new TtlArchiveError(
      'TABLE',
      `TTL is off on table ${quoted(TableName)}, so there is no TTL attribute to infer deletions from.`,
      { remedy: 'Use --deletions ttl or all, or switch TTL on:', commands: [setupCommand(TableName, ttl)] },
    );
  }
  return undefined;
}

/** True when TTL is DISABLED or DISABLING, and so deletes nothing. */
export function ttlIsOff({ status, attribute }: TimeToLive): boolean {
  return attribute === undefined || !(status === 'ENABLED' || status === 'ENABLING');
}
