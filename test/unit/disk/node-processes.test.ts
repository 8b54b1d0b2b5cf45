import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nodeProcesses } from '../../../src/disk/node-processes.js';
import { IN_NAMESPACE, whyNoNamespaces } from '../../support/namespaces.js';

const SOURCE = new URL('../../../src/disk/node-processes.ts', import.meta.url).href;

describe('nodeProcesses', () => {
  it('distinguishes a live process from a dead one', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()']);
    const { pid = 0 } = child;
    expect(nodeProcesses.isAlive(pid)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(nodeProcesses.isAlive(pid)).toBe(false);
    expect(nodeProcesses.isAlive(nodeProcesses.pid)).toBe(true);
  });

  it.runIf(existsSync('/proc/self/stat'))(
    'returns a start time that differs between processes and does not change',
    async () => {
      const own = nodeProcesses.startTimeOf(process.pid);
      expect(own).toMatch(/^[0-9a-f-]{36}\/\d+$/);
      expect(nodeProcesses.startTimeOf(process.pid)).toBe(own);
      expect(nodeProcesses.startTimeOf(process.ppid)).not.toBe(own);
      expect(nodeProcesses.startTimeOf(2 ** 30)).toBeUndefined();
    },
  );

  it.skipIf(whyNoNamespaces())(
    'has another namespace in a container, and none where /proc belongs to another namespace',
    async () => {
      const program = `console.log((await import(${JSON.stringify(SOURCE)})).nodeProcesses.namespace ?? 'none')`;
      const args = ['--import', 'tsx', '--input-type=module', '-e', program];
      const [unshare = '', ...inContainer] = IN_NAMESPACE;
      const run = (options: readonly string[]) =>
        execFileSync(unshare, [...options, process.execPath, ...args], { encoding: 'utf8' }).trim();
      const contained = run(inContainer);
      expect(contained).toMatch(/^pid:\[\d+\]$/);
      expect(contained).not.toBe(nodeProcesses.namespace);
      expect(run(inContainer.filter((option) => option !== '--mount-proc'))).toBe('none');
    },
  );
});
