import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fishScript } from '../../../src/cli/completion/fish.js';
import { zshScript } from '../../../src/cli/completion/zsh.js';
import { buildProgram, runProgram } from '../../../src/cli/program.js';
import { fakeIo } from '../../support/fake-io.js';

const COMMANDS = buildProgram(fakeIo(), () => async () => undefined).commands;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'completion-'));
  mkdirSync(join(folder, 'archive of mine'));
  writeFileSync(join(folder, 'export.json'), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

async function scriptFor(shell: string): Promise<string> {
  const io = fakeIo();
  expect(await runProgram(['completion', shell], io)).toBe(0);
  return io.out();
}

/** What bash itself replies at the last of these words. */
async function bashReplies(...words: string[]): Promise<string[]> {
  const script = await scriptFor('bash');
  const driver = `${script}
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _ttl_archive; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const args = ['--norc', '-c', driver, 'bash', 'ttl-archive', ...words];
  const { stdout, stderr, status } = spawnSync('bash', args, { cwd: folder, encoding: 'utf8' });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return stdout.split('\n').filter((line) => line !== '');
}

describe('completion in bash', () => {
  it('offers the commands that begin as typed', async () => {
    expect(await bashReplies('te')).toEqual(['teardown']);
    expect(await bashReplies('')).toEqual([...COMMANDS.map((command) => command.name()), '--help', '--version']);
  });

  it('offers every long option of a command', async () => {
    for (const command of COMMANDS) {
      const expected = command.options.map(({ long }) => String(long));
      expect((await bashReplies(command.name(), '--')).toSorted()).toEqual([...expected, '--help'].toSorted());
    }
  });

  it.each([
    [
      ['watch', '--layout', ''],
      ['files', 'segments'],
    ],
    [['watch', '--layout', '=', 's'], ['segments']],
    [
      ['watch', '--layout', '='],
      ['files', 'segments'],
    ],
    [['watch', '--once', '-o', 'arch'], ['archive of mine']],
    [['watch', '--out', ''], ['archive of mine']],
    [['restore', 'exp'], ['export.json']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['watch', '--concurrency', ''], []],
  ])('replies to %j', async (words, replies) => {
    expect(await bashReplies(...words)).toEqual(replies);
  });
});

describe.each(['zsh', 'fish'])('completion in %s', (shell) => {
  it('has every command and every long option', async () => {
    const script = await scriptFor(shell);
    for (const command of COMMANDS) {
      expect(script).toContain(command.name());
      for (const { long } of command.options) expect(script).toContain(shell === 'zsh' ? long : `-l ${long?.slice(2)}`);
    }
  });

  it('quotes what has a meaning for the shell', () => {
    const command = { name: 'x', summary: "it's", options: [{ names: ['--y'], description: "a [b]: 'c'" }] };
    const script = (shell === 'zsh' ? zshScript : fishScript)([command]);
    expect(script).toContain(shell === 'zsh' ? `'x:it'\\''s'` : `-d 'it\\'s'`);
    expect(script).toContain(shell === 'zsh' ? `'--y[a \\[b\\]\\: '\\''c'\\'']'` : `-d 'a [b]: \\'c\\''`);
  });
});

it('rejects a shell that it does not know', async () => {
  const io = fakeIo();
  expect(await runProgram(['completion', 'tcsh'], io)).toBe(2);
  expect(io.err()).toContain('Allowed choices are bash, zsh, fish.');
});
