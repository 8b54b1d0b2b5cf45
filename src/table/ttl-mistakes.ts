import { quoted } from '../lib/escape.js';
import type { TimeToLive, WireItem } from '../ports/index.js';
import type { DoctorCheck } from './doctor-check.js';
import { type TtlKind, ttlKind } from './ttl-kind.js';

interface Looked {
  readonly table: string;
  readonly timeToLive: TimeToLive;
  /** With the TTL attribute alone: no key and no other value is needed. */
  readonly items: readonly WireItem[];
  /** The number of items in the table, as DescribeTable tells it, up to six hours late. */
  readonly itemCount: number | undefined;
  /** AWS's time in epoch seconds. */
  readonly now: number;
}

/** What the items say about TTL: how many were looked at, and a check for each mistake that some of them have. */
export function ttlMistakes(looked: Looked): DoctorCheck[] {
  const { items, itemCount, timeToLive, now } = looked;
  const attribute = timeToLive.attribute ?? '';
  if (items.length === 0) return [{ check: 'items', result: 'note', says: 'The table has no item to look at.' }];
  const kinds = items.map((item) => ttlKind(Object.hasOwn(item, attribute) ? item[attribute] : undefined, now));
  const count = (kind: TtlKind) => kinds.filter((found) => found === kind).length;
  const inAll = (itemCount ?? 0) > items.length ? ` of about ${itemCount}` : '';
  const future = count('future');
  const summary: DoctorCheck = {
    check: 'items',
    result: 'ok',
    says: `Looked at the TTL attribute of ${items.length}${inAll} ${noun(items.length)}; ${future} will expire.`,
  };
  const findings = KINDS.flatMap((kind) => {
    const found = count(kind);
    if (found === 0) return [];
    const which = `${found} of ${items.length} ${noun(items.length)} ${found === 1 ? 'has' : 'have'}`;
    const check = `items.${kind}`;
    return [{ check, ...FINDING[kind]({ which, name: quoted(attribute), all: found === items.length, looked }) }];
  });
  return [summary, ...findings];
}

function noun(count: number): string {
  return count === 1 ? 'item' : 'items';
}

interface Found {
  /** `3 of 57 items have` */
  readonly which: string;
  /** The attribute's name, quoted. */
  readonly name: string;
  readonly all: boolean;
  readonly looked: Looked;
}

type Mistake = Exclude<TtlKind, 'future'>;

const KINDS: readonly Mistake[] = ['milliseconds', 'string', 'date', 'type', 'too-old', 'missing', 'due'];

const NUMBER_ONLY = 'TTL takes a Number of epoch seconds only, so it never deletes them.';
const REWRITE = 'Correct what writes the items, then write those again.';

const FINDING: { readonly [kind in Mistake]: (found: Found) => Omit<DoctorCheck, 'check'> } = {
  milliseconds: ({ which, name }) => ({
    result: 'warn',
    says: `${which} ${name} in milliseconds, or in a smaller unit.`,
    why: 'TTL takes them as seconds, thousands of years ahead, so it never deletes them.',
    remedy:
      'Write seconds: in JavaScript Math.floor(Date.now() / 1000) + 3600, in Python int(time.time()) + 3600, for one ' +
      `hour from now. ${REWRITE}`,
  }),
  string: ({ which, name }) => ({
    result: 'warn',
    says: `${which} ${name} as a String of digits.`,
    why: NUMBER_ONLY,
    remedy: `Write a Number, in DynamoDB JSON {"N":"…"} instead of {"S":"…"}. ${REWRITE}`,
  }),
  date: ({ which, name }) => ({
    result: 'warn',
    says: `${which} ${name} as the text of a date.`,
    why: NUMBER_ONLY,
    remedy: `Write a Number of epoch seconds: in JavaScript Math.floor(Date.parse(date) / 1000). ${REWRITE}`,
  }),
  type: ({ which, name }) => ({
    result: 'warn',
    says: `${which} something in ${name} that is neither a Number nor a date.`,
    why: NUMBER_ONLY,
    remedy: `Write a Number of epoch seconds. ${REWRITE}`,
  }),
  'too-old': ({ which, name }) => ({
    result: 'warn',
    says: `${which} a time in ${name} that is over five years ago.`,
    why: 'TTL never deletes what expired over five years ago. A 0, or a duration instead of a time, counts as such.',
    remedy: `Write the time at which the item expires. ${REWRITE}`,
  }),
  missing: ({ which, name, all, looked }) => ({
    result: all ? 'warn' : 'note',
    says: `${which} no attribute ${name}.`,
    why: 'TTL never deletes them.',
    ...(all ? wrongName(looked) : { remedy: 'That is right for items that are to stay. Give the others one.' }),
  }),
  due: ({ which, looked }) => ({
    result: 'note',
    says: `${which} expired, and TTL has not deleted them yet.`,
    why: 'Such items are in no archive yet. AWS deletes them within a few days typically, DynamoDB Local within seconds.',
    remedy:
      looked.timeToLive.status === 'ENABLING'
        ? 'Wait: TTL is being switched on, which takes up to an hour.'
        : 'Keep watch running until then.',
  }),
};

function wrongName({ table, timeToLive }: Looked): Pick<DoctorCheck, 'remedy' | 'commands'> {
  const specification = JSON.stringify({ Enabled: false, AttributeName: timeToLive.attribute });
  const args = ['dynamodb', 'update-time-to-live', '--table-name', table];
  return {
    remedy:
      'Write this attribute. If the items have another one for it, switch TTL off, wait an hour, and run setup with ' +
      '--ttl-attribute and its name:',
    commands: [{ program: 'aws', args: [...args, '--time-to-live-specification', specification] }],
  };
}
