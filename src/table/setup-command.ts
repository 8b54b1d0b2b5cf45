import type { NextCommand } from '../errors.js';
import type { TimeToLive } from '../ports/index.js';

/** The default of `setup`. */
const DEFAULT_TTL_ATTRIBUTE = 'ttl';

/** `setup` for a table, with the TTL attribute that it has. */
export function setupCommand(table: string, ttl?: TimeToLive): NextCommand {
  const attribute = ttl?.attribute ?? DEFAULT_TTL_ATTRIBUTE;
  const options = attribute === DEFAULT_TTL_ATTRIBUTE ? [] : ['--ttl-attribute', attribute];
  return { program: 'ttl-archive', args: ['setup', '--table', table, ...options] };
}

/** A view type cannot be changed: the stream must be switched off and on again. */
export function newStreamCommands(table: string, isEnabled: boolean, ttl?: TimeToLive): NextCommand[] {
  const off: NextCommand = {
    program: 'aws',
    args: ['dynamodb', 'update-table', '--table-name', table, '--stream-specification', 'StreamEnabled=false'],
  };
  return [...(isEnabled ? [off] : []), setupCommand(table, ttl)];
}
