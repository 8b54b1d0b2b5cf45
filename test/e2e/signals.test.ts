import { describe, it } from 'vitest';
import { temporaryFolders } from '../support/archive-folder.js';
import { builtCli } from '../support/cli.js';
import { StreamModel, startStreamsServer, ttlDelete } from '../support/streams-server.js';

const folder = temporaryFolders();
const cli = builtCli();

/** A simulated table `Orders`, and a function that lets TTL delete one more item of it. */
async function simulated() {
  const model = new StreamModel();
  const [ShardId = ''] = model.createTable({ TableName: 'Orders' }).shards;
  const expire = (key: string) => model.put(ShardId, ttlDelete({ PK: { S: key }, ttl: { N: '1795446313' } }));
  const server = await startStreamsServer({ model });
  return { server, expire, at: ['--table', 'Orders', '--endpoint-url', server.endpointUrl] };
}

describe.concurrent('signals', () => {
  it('continues after the terminal is closed when nohup started it', async ({ expect }) => {
    const cwd = await folder();
    const { server, expire, at } = await simulated();
    expire('order-1');
    const watching = cli.start(['watch', ...at], { cwd, env: { _: '/usr/bin/nohup' } });
    await watching.says('order-1');
    watching.child.kill('SIGHUP');
    expire('order-2');
    await watching.says('order-2');
    watching.child.kill('SIGTERM');
    expect((await watching.ended).status).toBe(0);
    await server.close();
  });

  it('shuts down when the npx that started it has ended', async ({ expect }) => {
    const cwd = await folder();
    const { server, expire, at } = await simulated();
    expire('order-1');
    const npx = `require("node:child_process").spawn(process.argv[1], process.argv.slice(2), { stdio: "inherit" })`;
    const script = `node -e '${npx}' $CLI watch ${at.join(' ')} >out 2>log & npx=$!
      until [ -s out ]; do sleep 0.05; done
      kill -KILL $npx
      until grep -q summary log; do sleep 0.05; done
      echo ended`;
    expect(
      (await cli.shell(script, { cwd, env: { npm_command: 'exec', PATH: process.env['PATH'] ?? '' } })).stdout,
    ).toBe('ended\n');
    await server.close();
  });

  it('ends on a signal that arrives before it has started', async ({ expect }) => {
    const cwd = await folder();
    const { server, at } = await simulated();
    for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      const watching = cli.start(['watch', ...at], { cwd });
      watching.child.kill(name);
      const { status, stdout } = await watching.ended;
      // A signal that comes before Node.js itself has started ends the process at once.
      expect([null, 0, 129, 130, 143]).toContain(status);
      expect(stdout).toBe('');
    }
    await server.close();
  });
});
