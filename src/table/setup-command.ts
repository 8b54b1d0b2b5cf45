import type { NextCommand } from '../errors.js';
import type { TimeToLive } from '../ports/index.js';

/** The TTL attribute that `setup` takes when it is not told another one. */
const DEFAULT_TTL_ATTRIBUTE = 'ttl';

/** `setup` for a table, which leaves the TTL attribute that it has as it is. */
export function setupCommand(table: string, ttl?: TimeToLive): NextCommand {
  const attribute = ttl?.attribute ?? DEFAULT_TTL_ATTRIBUTE;
  const options = attribute === DEFAULT_TTL_ATTRIBUTE ? [] : ['--ttl-attribute', attribute];
  return { program: 'ttl-archive', args: ['setup', '--table', table, ...options] };
}

/** A view type cannot be changed: the stream has to be switched off and on again. */
export function newStreamCommands(table: string, isEnabled: boolean, ttl?: TimeToLive): NextCommand[] {
  const off: NextCommand = {
    program: 'aws',
    args: ['dynamodb', 'update-table', '--table-name', table, '--stream-specification', 'StreamEnabled=false'],
  };
  return [...(isEnabled ? [off] : []), setupCommand(table, ttl)];
}
