import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nodeProcesses } from '../../../src/disk/node-processes.js';

describe('nodeProcesses', () => {
  it('tells a live process from a dead one', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()']);
    const { pid = 0 } = child;
    expect(nodeProcesses.isAlive(pid)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(nodeProcesses.isAlive(pid)).toBe(false);
    expect(nodeProcesses.isAlive(nodeProcesses.pid)).toBe(true);
  });

  it.runIf(existsSync('/proc/self/stat'))('gives each process its own unchanging start time', async () => {
    const own = nodeProcesses.startTimeOf(process.pid);
    expect(own).toMatch(/^[0-9a-f-]{36}\/\d+$/);
    expect(nodeProcesses.startTimeOf(process.pid)).toBe(own);
    expect(nodeProcesses.startTimeOf(process.ppid)).not.toBe(own);
    expect(nodeProcesses.startTimeOf(2 ** 30)).toBeUndefined();
  });
});
