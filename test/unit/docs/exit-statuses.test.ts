import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const CODE = /^ {2}([A-Z_]+): \{ exit: (\d+)/gm;
const ROW = /^\| (\d+) \| ([^|]+) \|/gm;

const page = readFileSync('docs/exit-statuses.md', 'utf8');
const rows = [...page.matchAll(ROW)].map(([, status = '', codes = '']) => ({
  status,
  codes: [...codes.matchAll(/`([A-Z_]+)`/g)].map(([, code = '']) => code),
}));

describe('docs/exit-statuses.md', () => {
  it('has every error code at its status', () => {
    const codes = [...readFileSync('src/errors.ts', 'utf8').matchAll(CODE)].map(([, code, exit]) => `${code} ${exit}`);
    expect(codes.length).toBeGreaterThan(20);
    const documented = rows.flatMap(({ status, codes: listed }) => listed.map((code) => `${code} ${status}`));
    expect(documented.toSorted()).toEqual(codes.toSorted());
  });

  it('explains every status that it lists, and no other', () => {
    const explained = [...page.matchAll(/^## ([\d, ]+):/gm)].flatMap(([, statuses = '']) => statuses.split(', '));
    expect(explained.toSorted()).toEqual(rows.map(({ status }) => status).toSorted());
  });
});
