// Prints each item that TTL deletes from a table as a line of JSON, until Ctrl-C. In the place of stdout could be a queue.
//
//   node send-deletions.mjs Orders [--positions <folder>] [--endpoint-url <url>] [--deletions all] [--once]
import { once } from 'node:events';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { readTtlDeletions } from 'ttl-archive';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    positions: { type: 'string', default: 'positions' },
    'endpoint-url': { type: 'string' },
    deletions: { type: 'string' },
    once: { type: 'boolean' },
  },
});
const [table = 'Orders'] = positionals;
const endpointUrl = values['endpoint-url'];
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop.abort());

const deletions = readTtlDeletions({
  table,
  positions: values.positions,
  once: values.once,
  deletions: values.deletions === 'all' ? 'all' : 'ttl',
  connection: endpointUrl === undefined ? {} : { endpointUrl },
  signal: stop.signal,
  onGap: ({ from = 'the beginning', to, reason }) => {
    process.exitCode = 5;
    process.stderr.write(`deletions may be missing from ${from} to ${to}: ${reason}\n`);
  },
});
for await (const { ack, eventID, deletedAt, item } of deletions) {
  // Whoever reads the lines drops those whose eventID came before: after a kill some come again.
  if (!process.stdout.write(`${JSON.stringify({ eventID, deletedAt, item })}\n`)) await once(process.stdout, 'drain');
  await ack();
}
