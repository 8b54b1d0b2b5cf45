import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { npmLauncher, startedByNohup } from '../../../src/cli/launcher.js';

const STDIN_OF_NOHUP = 'pos:\t0\nflags:\t0100001\nmnt_id:\t25\n';
const STDIN_OF_A_TERMINAL = 'pos:\t0\nflags:\t0100002\nmnt_id:\t25\n';

describe('npmLauncher', () => {
  it('checks nothing when npm did not start the process: nohup, systemd and docker may lose the parent', () => {
    expect(npmLauncher({ env: {}, ppid: process.ppid, ppidNow: () => 1 })).toBeUndefined();
  });

  it('detects that npm has ended', async () => {
    const npm = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    const isGone = npmLauncher({ env: { npm_command: 'exec' }, ppid: npm.pid ?? 0, ppidNow: () => npm.pid ?? 0 });
    expect(isGone?.()).toBe(false);
    npm.kill('SIGKILL');
    await once(npm, 'exit');
    expect(isGone?.()).toBe(true);
  });

  it('compares the parent where there is no /proc', () => {
    let parent = 0;
    const isGone = npmLauncher({ env: { npm_command: 'exec' }, ppid: 0, ppidNow: () => parent });
    expect(isGone?.()).toBe(false);
    parent = 1;
    expect(isGone?.()).toBe(true);
  });
});

describe('startedByNohup', () => {
  it.each([
    ['the shell notes nohup', { _: '/usr/bin/nohup' }, '', true],
    ['stdin can only be written', { _: '/usr/bin/node' }, STDIN_OF_NOHUP, true],
    ['stdin is a terminal', { _: '/usr/bin/node' }, STDIN_OF_A_TERMINAL, false],
    ['nothing is known', {}, '', false],
    ['the program only sounds like it', { _: '/opt/notnohup' }, '', false],
  ])('when %s', (_, env, fdinfo, expected) => {
    expect(startedByNohup(env, fdinfo)).toBe(expected);
  });
});
