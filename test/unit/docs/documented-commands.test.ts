import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { buildProgram } from '../../../src/cli/program.js';
import { TtlArchiveError } from '../../../src/errors.js';
import { commandsOf, documentedBlocks } from '../../support/documented-blocks.js';
import { fakeIo } from '../../support/fake-io.js';

const blocks = documentedBlocks();
const withCommands = blocks.filter(({ language, text }) => /^(?:sh|console)$/.test(language) && text.includes('ttl-'));

/** `ttl-archive` where a command begins. */
const COMMAND = /(?:^|[$<]\(|[|;&] *)(?:npx )?ttl-archive /gm;

const folder = mkdtempSync(join(tmpdir(), 'ttl-archive-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The arguments of every ttl-archive that bash starts for these commands; nothing else is started. */
function argumentsIn(commands: string): string[][] {
  const log = join(folder, 'log');
  writeFileSync(log, '');
  const noted = `ttl-archive() { printf '%s\\0' "$@" $'\\n' >> "$LOG"; }; npx() { "$@"; }; export -f ttl-archive`;
  spawnSync('/bin/bash', ['-c', `command_not_found_handle() { :; }; ${noted}\n${commands}`], {
    cwd: folder,
    env: { PATH: folder, LOG: log },
    input: '',
  });
  return readFileSync(log, 'utf8')
    .split('\0\n\0')
    .slice(0, -1)
    .map((line) => line.split('\0'));
}

/** Whether the block shows exit status 2. */
function showsUsage({ text }: { readonly text: string }): boolean {
  return text.endsWith('; echo $?\n2');
}

/** `ok`, or the code of the error. */
async function parsed(args: readonly string[]): Promise<string> {
  const program = buildProgram(fakeIo(), () => async () => undefined);
  return program.parseAsync(args, { from: 'user' }).then(
    () => 'ok',
    (error: unknown) => (error instanceof TtlArchiveError ? error.code : String(error)),
  );
}

describe('the commands in the documents', () => {
  it('are run by a test, or the comment before them says why not', () => {
    const unmarked = blocks.filter(({ marker }) => marker === undefined).map(({ place }) => place);
    // `<!-- run: scenario -->` (test/e2e/documented-commands.test.ts), or `<!-- not run: reason -->`.
    expect(unmarked).toEqual([]);
  });

  it.each(withCommands)('have commands and options that exist: $place', async (block) => {
    // Not into files of this machine.
    const commands = commandsOf(block)
      .join('\n')
      .replace(/ > [^\s;]+/g, '');
    const found = argumentsIn(commands);
    expect(found).toHaveLength([...commands.matchAll(COMMAND)].length);
    const expected = found.map((args) => [...args, showsUsage(block) ? 'USAGE' : 'ok']);
    expect(await Promise.all(found.map(async (args) => [...args, await parsed(args)]))).toEqual(expected);
  });
});
