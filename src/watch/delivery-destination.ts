import { openPositions, readPositions } from '../journal/position-journal.js';
import type { PositionStore } from '../ports/index.js';
import { knownInFolder } from './archive-destination.js';
import type { CreateDestination, OpenDestination } from './destination.js';
import { type OpenArchive, openPositionFolder } from './open-archive.js';
import { pageDeliverer, type Receiver } from './page-deliverer.js';

/** A receiver of the deletions, with the positions in a folder or in a store of the caller's own. */
export function deliveryDestination(positions: string | PositionStore, receiver: Receiver): CreateDestination {
  return async (context) => {
    if (typeof positions !== 'string') {
      return {
        known: () => readPositions(positions),
        async open({ TableName: table, ttlAttribute, keySchema }) {
          const facts = { table, ...(ttlAttribute !== undefined && { ttlAttribute }), ...(keySchema && { keySchema }) };
          const journal = await openPositions(context, positions, facts);
          const close = async (): Promise<undefined> => {
            await journal.close();
            return undefined;
          };
          // Nobody else is known to use the store.
          const opened = { journal, uploader: undefined, lost: new AbortController().signal, close };
          return withReceiver(opened, receiver);
        },
      };
    }
    return {
      known: () => knownInFolder(context, positions),
      async open({ TableName: table, ttlAttribute, keySchema }, progress) {
        const lock = { signal: context.signal, progress: () => progress.lockProgress() };
        const opened = await openPositionFolder(context, { out: positions, table, ttlAttribute, keySchema }, lock);
        return withReceiver(opened, receiver);
      },
    };
  };
}

function withReceiver(opened: Omit<OpenArchive, 'store'>, receiver: Receiver): OpenDestination {
  return { ...opened, pages: (page, options) => pageDeliverer(page, options, receiver) };
}
