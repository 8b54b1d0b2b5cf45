import { type ChildProcess, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { eventually } from './eventually.js';

/** A command line that runs what follows in a PID namespace of its own, with a /proc of its own, as a container does. */
export const IN_NAMESPACE: readonly string[] = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];

/** Why no PID namespace can be made here; undefined when one can. */
export function whyNoNamespaces(): string | undefined {
  const [command = '', ...args] = IN_NAMESPACE;
  const { status, error, stderr } = spawnSync(command, [...args, 'true'], { encoding: 'utf8' });
  return status === 0 ? undefined : (error?.message ?? stderr.trim());
}

/**
 * Signals what `unshare` runs in its namespace, once it runs. Does nothing when that has ended: `unshare` has then no
 * child, and soon no entry in /proc either.
 */
export async function signalInNamespace(unshare: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const { pid } = unshare;
  const inner = await eventually(async () => {
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(unlessGone);
    return children.trim() || ((unshare.exitCode ?? unshare.signalCode) !== null && 'ended');
  });
  if (inner === 'ended') return;
  try {
    process.kill(Number(inner), signal);
  } catch (error) {
    unlessGone(error);
  }
}

function unlessGone(error: unknown): string {
  if (error instanceof Error && 'code' in error && ['ENOENT', 'ESRCH'].includes(String(error.code))) return '';
  throw error;
}
