import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { Stop } from '../../src/cli/io.js';
import { runProgram } from '../../src/cli/program.js';
import { nodeDisk } from '../../src/disk/node-disk.js';
import { builtCli } from '../support/cli.js';
import { fakeIo } from '../support/fake-io.js';
import { fingerprint, HOSTILE_FOLDERS } from '../support/hostile-folders.js';
import { sampleItems, writeSampleArchive } from '../support/sample-archive.js';
import { StreamModel, type StreamsServer, startStreamsServer } from '../support/streams-server.js';

/** A hang lasts for ever. Alone, each of these ends within seconds; here many share one busy process. */
const HANG_MS = 60_000;
/** A watch may wait a lease for a holder that it cannot see; a signal has to end that at once. */
const SIGNAL_AFTER_MS = 1500;
// oxlint-disable-next-line no-control-regex -- they are what must not be there
const UNSAFE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/;

const cli = builtCli();
let root = '';
let server: StreamsServer;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'hostile-'));
  const model = new StreamModel();
  model.createTable({ TableName: 'Sample' });
  server = await startStreamsServer({ model });
});
afterAll(async () => {
  await server.close();
  await rm(root, { recursive: true, force: true });
});

/** A sound archive in `<case>/temp`, spoiled, beside a folder that nobody may touch. */
async function hostile({ layout, spoil }: (typeof HOSTILE_FOLDERS)[number]) {
  const cwd = await mkdtemp(join(root, 'case-'));
  const outside = join(cwd, 'outside');
  await mkdir(join(outside, 'folder'), { recursive: true });
  await writeFile(join(outside, 'secret'), 'contents that nobody may see');
  await writeFile(join(outside, 'folder', 'x.json'), '{}');
  await writeFile(join(outside, 'x.json.gz.open'), 'open');
  const archive = join(cwd, 'temp');
  await mkdir(archive);
  await writeSampleArchive({ disk: nodeDisk, directory: archive, items: sampleItems(12), layout });
  await spoil(archive, outside);
  return { cwd, outside, before: await fingerprint(outside) };
}

/** The commands; `at` connects them. */
function commands(at: readonly string[]): string[][] {
  return [
    ['status'],
    ['status', '--json'],
    ['verify'],
    ['find', '--key', 'key-1', '--show'],
    ['restore', '--dry-run', '--overwrite', ...at],
    ['prune', '--older-than', '1ms', '--yes'],
    ['watch', '--once', '--deletions', 'all', ...at],
  ];
}

async function run(cwd: string, argv: readonly string[]) {
  const stop = new AbortController();
  const signal = setTimeout(() => stop.abort(new Stop('SIGTERM')), SIGNAL_AFTER_MS);
  const io = fakeIo({ cwd, signal: stop.signal });
  let hang: NodeJS.Timeout | undefined;
  const hanging = new Promise<string>((resolve) => {
    hang = setTimeout(() => resolve('hangs'), HANG_MS);
  });
  const status = await Promise.race([runProgram(argv, io), hanging]);
  clearTimeout(signal);
  clearTimeout(hang);
  return { status, text: io.out() + io.err() };
}

describe('a hostile archive folder', () => {
  it.concurrent.for(HOSTILE_FOLDERS)('$name', { timeout: 180_000 }, async (folder, { expect }) => {
    const { cwd, outside, before } = await hostile(folder);
    const layout = folder.layout === 'files' ? [] : ['--layout', 'segments'];
    const at = ['--table', 'Sample', '--endpoint-url', server.endpointUrl];
    const wrong: string[] = [];
    for (const argv of commands(at)) {
      const { status, text } = await run(cwd, argv[0] === 'watch' ? [...argv, ...layout] : argv);
      const [name = ''] = argv;
      if (status === 'hangs') wrong.push(`${name} hangs`);
      if (status === 1) wrong.push(`${name} ends with 1: ${text.slice(0, 300)}`);
      const unsafe = UNSAFE.exec(text);
      if (unsafe !== null) wrong.push(`${name} prints U+${unsafe[0].charCodeAt(0).toString(16)}`);
      if (text.includes('nobody may see')) wrong.push(`${name} reads what lies outside`);
    }
    expect(wrong).toEqual([]);
    expect(await fingerprint(outside)).toBe(before);
    await rm(cwd, { recursive: true });
  });

  it.concurrent.for(HOSTILE_FOLDERS.filter(({ name }) => name.includes('bomb') || name.includes('8 GB')))(
    'costs no more than 300 MB: $name',
    { timeout: 180_000 },
    async (folder, { expect }) => {
      const { cwd } = await hostile(folder);
      const at = `--table Sample --endpoint-url ${server.endpointUrl}`;
      const watching = `watch --once --deletions all --layout ${folder.layout} ${at}`;
      const restoring = `restore --dry-run --overwrite ${at}`;
      // A watch waits a lease for a lock that it cannot read.
      const writing = folder.name.includes('lock ') ? [] : [watching];
      for (const command of ['verify', 'find --key key-1 --show', 'status', restoring, ...writing]) {
        // `maxRSS` of the process itself, in KB.
        const measure = `process.on('exit', () => process.stderr.write('\\nRSS ' + process.resourceUsage().maxRSS + '\\n'))`;
        const preload = `data:text/javascript,${encodeURIComponent(measure).replaceAll("'", '%27')}`;
        const { stderr } = await cli.shell(`NODE_OPTIONS='--import=${preload}' $CLI ${command} >/dev/null`, { cwd });
        const rss = Number(/RSS (\d+)/.exec(stderr)?.[1]);
        expect({ command, megabytes: Math.round(rss / 1024) }).toSatisfy(
          ({ megabytes }: { megabytes: number }) => megabytes < 300,
        );
      }
      await rm(cwd, { recursive: true });
    },
  );
});
