type Random = () => number;

const JUNK: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  '',
  'x',
  '\u0000\u202e',
  '__proto__',
  '9'.repeat(50),
  '1e3',
  '0x10',
  [],
  {},
  [[]],
  { S: 1 },
  { __proto__: null, constructor: {} },
];

/** A text of JSON with one thing changed: in its structure, so that it stays JSON, or in its bytes. */
export function mutatedJson(text: string, random: Random): string {
  if (random() < 0.3) return mutatedBytes(Buffer.from(text), random).bytes.toString();
  const root: { value: unknown } = { value: JSON.parse(text) };
  const slots: { holder: Record<string, unknown>; key: string }[] = [];
  collect(root, slots);
  const slot = pick(slots, random);
  const other = pick(slots, random);
  const roll = random();
  if (roll < 0.5) slot.holder[slot.key] = pick(JUNK, random);
  else if (roll < 0.7) delete slot.holder[slot.key];
  else if (roll < 0.9) slot.holder[slot.key] = structuredClone(other.holder[other.key]);
  else if (Array.isArray(slot.holder)) slot.holder.push(structuredClone(slot.holder[Number(slot.key)]));
  else slot.holder[`${slot.key}2`] = slot.holder[slot.key];
  return JSON.stringify(root.value) ?? '';
}

/** Bytes with one thing changed, and what. */
export function mutatedBytes(bytes: Buffer, random: Random): { bytes: Buffer; how: string } {
  const at = Math.floor(random() * bytes.length);
  const to = at + Math.floor(random() * Math.min(200, bytes.length - at));
  const lines = bytes.toString('latin1').split('\n');
  const line = Math.floor(random() * lines.length);
  switch (Math.floor(random() * 9)) {
    case 0: {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << Math.floor(random() * 8));
      return { bytes: flipped, how: `bit flipped at ${at}` };
    }
    case 1:
      return { bytes: bytes.subarray(0, at), how: `cut at ${at}` };
    case 2:
      return { bytes: Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)]), how: `${at} to ${to} taken out` };
    case 3:
      return { bytes: Buffer.concat([bytes.subarray(0, to), bytes.subarray(at)]), how: `${at} to ${to} twice` };
    case 4:
      return { bytes: Buffer.concat([bytes, bytes.subarray(at, to)]), how: `${at} to ${to} appended` };
    case 5:
      return { bytes: latin1(lines.toSpliced(line, 1)), how: `line ${line} taken out` };
    case 6:
      return { bytes: latin1(lines.toSpliced(line, 0, lines[line] ?? '')), how: `line ${line} twice` };
    case 7:
      return { bytes: latin1(lines.slice(0, line + 1)), how: `cut after line ${line}` };
    default:
      return { bytes: Buffer.concat([bytes.subarray(0, at), Buffer.alloc(to - at)]), how: `zeros from ${at}` };
  }
}

function latin1(lines: readonly string[]): Buffer {
  return Buffer.from(lines.join('\n'), 'latin1');
}

function collect(value: unknown, slots: { holder: Record<string, unknown>; key: string }[]): void {
  if (typeof value !== 'object' || value === null) return;
  for (const key of Object.keys(value)) {
    const holder = value as Record<string, unknown>;
    slots.push({ holder, key });
    collect(holder[key], slots);
  }
}

function pick<T>(list: readonly T[], random: Random): T {
  for (const one of list.slice(Math.floor(random() * list.length))) return one;
  throw new RangeError('There is nothing to pick from.');
}
