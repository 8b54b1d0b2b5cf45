import { spawnSync } from 'node:child_process';

/** A command line that runs what follows in a PID namespace of its own, with a /proc of its own, as a container does. */
export const IN_NAMESPACE: readonly string[] = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];

/** Why no PID namespace can be made here; undefined when one can. */
export function whyNoNamespaces(): string | undefined {
  const [command = '', ...args] = IN_NAMESPACE;
  const { status, error, stderr } = spawnSync(command, [...args, 'true'], { encoding: 'utf8' });
  return status === 0 ? undefined : (error?.message ?? stderr.trim());
}
