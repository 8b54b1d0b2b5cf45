import { readFileSync } from 'node:fs';
import { describe, it } from 'vitest';
import { runProgram } from '../../src/cli/program.js';
import type { WireValue } from '../../src/ports/index.js';
import { temporaryFolders } from '../support/archive-folder.js';
import { jsonLines } from '../support/cli.js';
import { LOCALS } from '../support/dynamodb-local.js';
import { fakeIo } from '../support/fake-io.js';
import { createLocalTable } from '../support/local-table.js';

const folder = temporaryFolders();

const DOCUMENTED = [...readFileSync('docs/doctor.md', 'utf8').matchAll(/^\| `(\S+)` \|/gm)].map(([, check]) => check);

const HOSTILE = '\u001b[31m\u009b2J\r\n\u202e';

/** DynamoDB Local deletes at most 20 items of a table at a time, every ten seconds: some of these are left. */
const DUE = 30;

function hourlyEpoch(hours: number): number {
  return Math.floor(Date.now() / 1000) + hours * 3600;
}

/** Each mistake that an application makes, with what its fix says. */
const MISTAKES: readonly { check: string; value: () => WireValue | undefined; count: number; fix: RegExp }[] = [
  { check: 'items.milliseconds', value: () => ({ N: String(Date.now()) }), count: 1, fix: /Date\.now\(\) \/ 1000/ },
  { check: 'items.string', value: () => ({ S: String(hourlyEpoch(1)) }), count: 2, fix: /"N".* instead of .*"S"/ },
  { check: 'items.date', value: () => ({ S: new Date().toISOString() }), count: 3, fix: /Date\.parse/ },
  { check: 'items.type', value: () => ({ S: HOSTILE }), count: 4, fix: /Number of epoch seconds/ },
  { check: 'items.too-old', value: () => ({ N: String(hourlyEpoch(-6 * 8766)) }), count: 5, fix: /time at which/ },
  { check: 'items.missing', value: () => undefined, count: 6, fix: /items that are to stay/ },
  { check: 'items.due', value: () => ({ N: String(hourlyEpoch(-1)) }), count: DUE, fix: /Keep watch running/ },
];

async function doctorOf(TableName: string, endpoint: string, ...more: string[]) {
  const io = fakeIo({ cwd: await folder() });
  const status = await runProgram(['doctor', '--table', TableName, '--endpoint-url', endpoint, ...more], io);
  return { status, out: io.out() };
}

describe.concurrent.each(LOCALS)('doctor, on DynamoDB Local $version', ({ endpoint }) => {
  it('finds each mistake with TTL, says how to fix it, and shows no key and no value', async ({ expect }) => {
    const attribute = `expires ${HOSTILE}`;
    const table = await createLocalTable(endpoint, { ttlAttribute: attribute });
    for (const { check, value, count } of MISTAKES) {
      for (let index = 0; index < count; index++) {
        const ttl = value();
        await table.put({
          PK: { S: `secret-${check}-${index}${HOSTILE}` },
          ...(ttl !== undefined && { [attribute]: ttl }),
        });
      }
    }
    const { status, out } = await doctorOf(table.TableName, endpoint, '--json');
    const text = await doctorOf(table.TableName, endpoint);
    await table.drop();
    expect([status, text.status]).toEqual([0, 0]);
    const checks = jsonLines(out).map(({ check }) =>
      String(check).replace(/^permission\..*/, 'permission.<operation>'),
    );
    expect(checks.filter((check) => !DOCUMENTED.includes(check))).toEqual([]);
    const found = jsonLines(out).filter(({ check }) => String(check).startsWith('items.'));
    expect(found.map(({ check }) => check)).toEqual(MISTAKES.map(({ check }) => check));
    for (const [index, { count, fix }] of MISTAKES.entries()) {
      const { says, remedy, why } = found[index] ?? {};
      // Of those that are due, some may be deleted by now.
      if (count !== DUE) expect(says).toMatch(new RegExp(`^${count} of \\d+ items `));
      expect(remedy).toMatch(fix);
      expect(why).toEqual(expect.any(String));
    }
    for (const printed of [out, text.out]) {
      expect(printed).not.toContain('secret-');
      expect(printed).not.toMatch(/[^\P{C}\n]/u);
    }
    expect(text.out.split('\n').filter((line) => line.length > 80 && !line.startsWith('        '))).toEqual([]);
  });
});
