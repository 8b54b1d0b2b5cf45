import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { readSoundArchive, temporaryFolders } from '../support/archive-folder.js';
import { builtCli } from '../support/cli.js';
import { LOCAL } from '../support/dynamodb-local.js';
import { createLocalTable } from '../support/local-table.js';
import { StreamModel, startStreamsServer, ttlDelete } from '../support/streams-server.js';

const folder = temporaryFolders();
const cli = builtCli();

/** A simulated table `Orders` with so many deletions by TTL. */
async function simulated(deletions: number) {
  const model = new StreamModel({ settings: { cutPage: () => 100 } });
  const [ShardId = ''] = model.createTable({ TableName: 'Orders' }).shards;
  for (let index = 0; index < deletions; index++) {
    model.put(ShardId, ttlDelete({ PK: { S: `order-${index}` }, ttl: { N: '1795446313' } }));
  }
  const server = await startStreamsServer({ model });
  return { server, at: `--table Orders --endpoint-url ${server.endpointUrl}` };
}

/** A folder with an archive of so many items in `temp`. */
async function archived(deletions: number) {
  const cwd = await folder();
  const { server, at } = await simulated(deletions);
  await cli.shell(`$CLI watch --once ${at}`, { cwd });
  return { cwd, server, at };
}

const COMMANDS = [
  '--help',
  '--version',
  'help watch',
  'find --help',
  'status',
  'status --json',
  'verify',
  'verify --json',
  'find --key order-1',
  'find --key order-1 --show',
  'doctor AT',
  'doctor AT --json',
  'setup AT',
  'restore AT --dry-run --overwrite',
  'watch --once AT --out other',
  'put-and-wait LOCAL --timeout 1s',
];

describe.concurrent('output that cannot be written', () => {
  it('makes every command exit with 7 and one sentence, not with 0 and an empty file', async ({ expect }) => {
    const { cwd, server, at } = await archived(120);
    const { TableName, drop } = await createLocalTable(LOCAL, { ttlAttribute: 'ttl' });
    for (const command of COMMANDS) {
      const args = command.replace('AT', at).replace('LOCAL', `--table ${TableName} --endpoint-url ${LOCAL}`);
      const { status, stderr } = await cli.shell(`$CLI ${args} --log-format pretty >/dev/full`, { cwd });
      // The pretty format is an option of the commands only.
      const told = stderr.replaceAll(/^(?!error: ).*\n/gm, '');
      if (command === '--help' || command === '--version') {
        const plain = await cli.shell(`$CLI ${args} >/dev/full`, { cwd });
        expect({ command, status: plain.status, stderr: plain.stderr }).toMatchObject({ command, status: 7 });
        continue;
      }
      expect({ command, status, told }).toEqual({
        command,
        status: 7,
        told: 'error: Cannot write standard output: the disk is full.\n',
      });
    }
    await drop();
    await server.close();
  });

  it('makes watch exit with 7 after its page, without a stack trace or a leftover lock', async ({ expect }) => {
    const cwd = await folder();
    const { server, at } = await simulated(500);
    const { status, stderr } = await cli.shell(`$CLI watch ${at} >/dev/full`, { cwd });
    expect(status).toBe(7);
    expect(stderr).not.toMatch(/\n +at /);
    expect(await readdir(join(cwd, 'temp', '.ttl-archive'))).not.toContain('lock');
    // What was archived stays, and the rest is still to be read.
    expect((await cli.shell(`$CLI watch --once ${at}`, { cwd })).status).toBe(0);
    expect((await readSoundArchive(join(cwd, 'temp'))).items).toHaveLength(500);
    await server.close();
  });

  it('detects a file that took only a part of a text', async ({ expect }) => {
    const { cwd, server } = await archived(120);
    // Files of this shell may have 1024 bytes; bash would be ended by the signal, Node.js ignores it.
    const { status } = await cli.shell(`ulimit -f 1; $CLI find --help > out`, { cwd });
    expect(status).toBe(7);
    await server.close();
  });

  it('does not stop archiving when the log cannot be written', async ({ expect }) => {
    const cwd = await folder();
    const { server, at } = await simulated(120);
    const { status, stdout } = await cli.shell(`$CLI watch --once ${at} 2>/dev/full`, { cwd });
    expect({ status, lines: stdout.trimEnd().split('\n').length }).toEqual({ status: 0, lines: 120 });
    await server.close();
  });
});

describe.concurrent('a reader of stdout that stalls', () => {
  it('makes the archiver wait, and does not delay its exit after a signal', async ({ expect }) => {
    const cwd = await folder();
    const { server, at } = await simulated(5000);
    await mkdir(join(cwd, 'temp'));
    const script = `mkfifo slow; sleep 60 <slow & reader=$!
      $CLI watch ${at} >slow 2>log & archiver=$!
      size() { ls temp | wc -l; }
      until [ $(size) -gt 0 ]; do sleep 0.05; done
      before=-1; until [ $(size) = $before ]; do before=$(size); sleep 0.5; done
      start=$(date +%s%N); kill -TERM $archiver; wait $archiver; status=$?
      kill $reader; echo $status $(( ($(date +%s%N) - start) / 1000000 )) $before`;
    const { stdout } = await cli.shell(script, { cwd });
    const [status, milliseconds, files] = stdout.trim().split(' ').map(Number);
    expect(status).toBe(0);
    // The reader stalls for a minute; the exit waits 1.5 seconds for it.
    expect(milliseconds).toBeLessThan(20_000);
    expect(files).toBeLessThan(5000);
    await server.close();
  });
});
