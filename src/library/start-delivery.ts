import { SILENT_LOG } from '../lib/silent-log.js';
import { deliveryDestination } from '../watch/delivery-destination.js';
import { withDefaults } from '../watch/options.js';
import type { Receiver } from '../watch/page-deliverer.js';
import type { WatchContext } from '../watch/run-context.js';
import { startRun } from '../watch/watch.js';
import type { Watching } from '../watch/watching.js';
import { connectionTo } from './connect.js';
import type { DeliveryOptions } from './delivery-options.js';
import { namedWatching } from './named-watching.js';
import { DELIVERY_NAMES, renamedLog } from './option-names.js';

/** Starts reading; `receiver` gets the deletions. */
export function startDelivery(
  options: DeliveryOptions,
  receiver: Receiver,
  context: Partial<WatchContext> = {},
): Watching {
  const { table, positions, log = SILENT_LOG } = options;
  const folder = typeof positions === 'string' ? positions : '';
  return namedWatching(DELIVERY_NAMES, () =>
    startRun(withDefaults({ ...options, out: folder }), {
      connection: connectionTo(table, options.connection),
      folder,
      destination: deliveryDestination(positions, receiver),
      context: { log: renamedLog(log, DELIVERY_NAMES), ...context },
    }),
  );
}
