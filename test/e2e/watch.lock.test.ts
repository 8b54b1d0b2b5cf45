import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { readSoundArchive, temporaryFolders } from '../support/archive-folder.js';
import { builtCli, jsonLines } from '../support/cli.js';
import { eventually } from '../support/eventually.js';
import { signalInNamespace, whyNoNamespaces } from '../support/namespaces.js';
import { StreamModel, startStreamsServer, ttlDelete } from '../support/streams-server.js';

const folder = temporaryFolders();
const cli = builtCli();

/** A simulated table whose stream gets a deletion by TTL every 20 ms. */
async function underLoad({ latencyMs = 0, records = 0 } = {}) {
  const model = new StreamModel({ settings: { cutPage: () => 20 } });
  const [ShardId = ''] = model.createTable({ TableName: 'T' }).shards;
  let count = 0;
  const put = () => model.put(ShardId, ttlDelete({ PK: { S: `item-${count++}` } }));
  for (let index = 0; index < records; index++) put();
  const timer = setInterval(put, 20);
  const server = await startStreamsServer({ model, latencyMs });
  return {
    watch: ['watch', '--table', 'T', '--endpoint-url', server.endpointUrl, '--poll-interval', '50ms'],
    /** Items put, once no more are. */
    async end() {
      clearInterval(timer);
      await server.close();
      return count;
    },
    stopPutting: () => clearInterval(timer),
  };
}

describe.runIf(whyNoNamespaces() === undefined)('ttl-archive watch in containers', { concurrent: true }, () => {
  it('keeps a second one out whose pid is the same and whose host has the same name', async ({ expect }) => {
    const cwd = await folder();
    const { watch, end } = await underLoad();
    const first = cli.startInNamespace(watch, { cwd });
    await first.says('item-0');
    for (let tries = 0; tries < 2; tries++) {
      const second = await cli.startInNamespace(watch, { cwd }).ended;
      expect(second).toMatchObject({ status: 6, stdout: '' });
    }
    await signalInNamespace(first.child, 'SIGTERM');
    expect((await first.ended).status).toBe(0);
    await end();
    const { items } = await readSoundArchive(join(cwd, 'temp'));
    expect(items).toHaveLength(first.output.stdout.trimEnd().split('\n').length);
  });

  it('resumes within half a minute after the container crashed, without a file being deleted by hand', async ({
    expect,
  }) => {
    const cwd = await folder();
    const { watch, end, stopPutting } = await underLoad();
    const first = cli.startInNamespace(watch, { cwd });
    await first.says('item-10');
    await signalInNamespace(first.child, 'SIGKILL');
    await first.ended;
    stopPutting();
    const start = performance.now();
    const second = await cli.startInNamespace([...watch, '--once'], { cwd }).ended;
    expect(second.status).toBe(0);
    expect(performance.now() - start).toBeLessThan(35_000);
    // The kernel may give the second one the number of the first one's namespace, which is then seen to be gone.
    const told = expect.stringMatching(/renews the lock|has ended/);
    expect(jsonLines(second.stderr)[0]).toMatchObject({ level: 'warn', msg: told });
    const count = await end();
    expect((await readSoundArchive(join(cwd, 'temp'))).items).toHaveLength(count);
  });

  it.for(['files', 'segments'])(
    'stops with 6 before it writes when it was suspended and replaced (%s)',
    async (layout, { expect }) => {
      const cwd = await folder();
      const { watch, end, stopPutting } = await underLoad();
      const first = cli.start([...watch, '--layout', layout], { cwd });
      await first.says(layout === 'files' ? 'item-10' : '.json.gz\n');
      first.child.kill('SIGSTOP');
      const second = cli.startInNamespace([...watch, '--layout', layout], { cwd });
      await second.says(layout === 'files' ? 'item-' : '.json.gz\n');
      first.child.kill('SIGCONT');
      const { status, stderr } = await first.ended;
      expect(status).toBe(6);
      expect(jsonLines(stderr).at(-1)).toMatchObject({ level: 'fatal', code: 'LOCKED' });
      stopPutting();
      await signalInNamespace(second.child, 'SIGTERM');
      // A write that the first one had begun when it was suspended is finished when it goes on. The second one sees that
      // before its next append, and stops with 6 as well: nothing is lost, and nothing is in the journal twice.
      const other = await second.ended;
      if (other.status !== 0) {
        expect(jsonLines(other.stderr).at(-1)).toMatchObject({ level: 'fatal', code: 'LOCKED', status: 6 });
      }
      expect((await cli.run([...watch, '--layout', layout, '--once'], { cwd })).status).toBe(0);
      const count = await end();
      const verified = await cli.run(['verify', '--json'], { cwd });
      expect(JSON.parse(verified.stdout)).toMatchObject({ verified: true, items: count });
    },
  );
});

describe.concurrent('ttl-archive watch', () => {
  it.for([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)(
    'is not done when --once is interrupted by %s: it ends with %i after its summary',
    async ([signal, wanted], { expect }) => {
      const cwd = await folder();
      const { watch, end } = await underLoad({ latencyMs: 50, records: 2000 });
      const once = cli.start([...watch, '--once'], { cwd });
      await once.says('item-0');
      once.child.kill(signal);
      const { status, stderr } = await once.ended;
      expect(jsonLines(stderr).at(-1)).toMatchObject({ msg: 'summary', gaps: 0 });
      expect(status).toBe(wanted);
      await end();
    },
  );

  it('exits when the reader of the output of --once has ended', async ({ expect }) => {
    const cwd = await folder();
    const { watch, end } = await underLoad({ latencyMs: 10, records: 400 });
    const line = `$CLI ${watch.join(' ')} --once --log-level silent | head -1; echo status \${PIPESTATUS[0]}`;
    expect((await cli.shell(line, { cwd })).stdout).toContain('status 0');
    await end();
  });

  it('lets exactly one of fifty that start in the same millisecond lock the folder', async ({ expect }) => {
    const cwd = await folder();
    const at = Date.now() + 6000;
    const takers = Array.from({ length: 50 }, () => startTaker(join(cwd, 'a'), at));
    let refused = 0;
    for (const { ended } of takers) void ended.then(() => refused++);
    await eventually(async () => refused >= 49);
    for (const { child } of takers) child.stdin.end();
    const results = await Promise.all(takers.map(({ ended }) => ended));
    expect(results.filter((status) => status === 0)).toHaveLength(1);
    expect(results.filter((status) => status === 6)).toHaveLength(49);
  });
});

/** Takes the lock at a moment and keeps it until its stdin ends: 0; or ends with the status of the error. */
function startTaker(directory: string, at: number) {
  const dist = new URL('../../dist/', import.meta.url).href;
  const program = `
    const { acquireLock } = await import('${dist}lock/lock.js');
    const { nodeDisk } = await import('${dist}disk/node-disk.js');
    const { nodeProcesses } = await import('${dist}disk/node-processes.js');
    const { systemClock } = await import('${dist}lib/system-clock.js');
    const { exitStatusOf } = await import('${dist}errors.js');
    const machine = { disk: nodeDisk, clock: systemClock, processes: nodeProcesses };
    await systemClock.sleep(${at} - Date.now());
    try {
      const lock = await acquireLock(machine, ${JSON.stringify(directory)});
      for await (const _ of process.stdin);
      await lock.release();
    } catch (error) {
      process.exitCode = exitStatusOf(error);
      process.stdin.destroy();
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  return { child, ended: new Promise<number | null>((resolve) => child.once('exit', resolve)) };
}
