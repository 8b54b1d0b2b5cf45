import type { AwsTime, TableDescription, TablesClient, TimeToLive } from '../ports/index.js';
import { checkOf, type DoctorCheck } from './doctor-check.js';
import { tryCall, untried } from './try-call.js';
import { ttlMistakes } from './ttl-mistakes.js';
import { ttlIsOff } from './why-not-archivable.js';

const MAX_ITEMS = 100;

interface Context {
  readonly tables: TablesClient;
  readonly awsTime: AwsTime;
  readonly signal?: AbortSignal;
}

interface Options {
  readonly table: string;
  readonly scan: boolean;
  readonly description: TableDescription;
  readonly timeToLive: TimeToLive;
}

/** Looks at the TTL attribute of up to 100 items: one page of a Scan. Whatever is wrong with them, the table can be archived. */
export async function checkItems(
  { tables, awsTime, signal }: Context,
  { table, scan, description, timeToLive }: Options,
): Promise<DoctorCheck[]> {
  if (!scan) return skipped('--no-scan was given');
  const { attribute } = timeToLive;
  if (attribute === undefined || ttlIsOff(timeToLive)) return skipped('without TTL there is no TTL attribute');
  const scanned = await tryCall({
    operation: 'Scan',
    call: () => tables.scan({ TableName: table, attribute, limit: MAX_ITEMS }, signal),
    denied: 'warn',
    why: 'Only doctor needs it, to see whether the items have a TTL attribute that TTL understands.',
    // A provisioned table may have no read units to spare; not every emulator has this call.
    expected: ['THROTTLED', 'VALIDATION', 'TABLE_NOT_FOUND'],
  });
  const { permission } = scanned;
  if ('value' in scanned) {
    const now = awsTime.now() / 1000;
    const { itemCount } = description;
    return [...ttlMistakes({ table, timeToLive, items: scanned.value, itemCount, now }), permission];
  }
  if (permission.result !== 'ok') return [notLookedAt('Scan is not permitted'), permission];
  return [checkOf('items', scanned.error, 'warn'), permission];
}

function skipped(because: string): DoctorCheck[] {
  return [notLookedAt(because), untried('Scan', because)];
}

function notLookedAt(because: string): DoctorCheck {
  return { check: 'items', result: 'note', says: `No item was looked at: ${because}.` };
}
