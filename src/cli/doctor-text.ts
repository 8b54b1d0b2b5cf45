import { escapeText } from '../lib/escape.js';
import type { DoctorCheck } from '../table/doctor-check.js';
import { counted } from './numbers.js';
import { widthOf, wrap } from './wrap.js';

const INDENT = 6;
const MARK = { ok: 'ok', note: 'note', warn: 'warn', fail: 'FAIL' } as const;

/** A check for people, in at most 80 columns; a command stays on one line, so that it can be pasted. */
export function checkText(check: DoctorCheck, commands: readonly string[], columns: number | undefined): string {
  const { check: name, result, says, why, remedy } = check;
  const fix = result === 'warn' || result === 'fail' ? 'Fix: ' : '';
  const lines = [
    ...wrapped(MARK[result].padEnd(INDENT), `${name}: ${says}`, columns),
    ...(why === undefined ? [] : wrapped(' '.repeat(INDENT), why, columns)),
    ...(remedy === undefined ? [] : wrapped(' '.repeat(INDENT), `${fix}${remedy}`, columns)),
    ...commands.map((command) => `${' '.repeat(INDENT + 2)}${escapeText(command)}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** The last line: what all checks amount to. */
export function verdictText(checks: readonly DoctorCheck[], status: number, columns: number | undefined): string {
  const count = (result: DoctorCheck['result']) => checks.filter((check) => check.result === result).length;
  const warnings = counted(count('warn'), 'warning');
  const verdict =
    count('fail') === 0
      ? `${warnings}, nothing that prevents archiving`
      : `${counted(count('fail'), 'failure')}, ${warnings}: watch would exit with ${status}`;
  return `${wrapped('', verdict, columns).join('\n')}\n`;
}

/** `columns`: of the terminal; 0 or undefined without one. */
function wrapped(prefix: string, text: string, columns: number | undefined): string[] {
  return wrap(prefix, escapeText(text), INDENT, widthOf({ columns }));
}
