import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { buildProgram } from '../../../src/cli/program.js';
import { fakeIo } from '../../support/fake-io.js';

const { commands } = buildProgram(fakeIo(), () => async () => undefined);
const watch = commands.find((command) => command.name() === 'watch');
const VARIABLES = new Set(['TTL_ARCHIVE_TABLE', ...(watch?.options ?? []).map(({ envVar }) => envVar)]);

const FILES = ['docker', 'kubernetes', 'systemd'].flatMap((folder) =>
  readdirSync(`deploy/${folder}`).map((name) => `deploy/${folder}/${name}`),
);

describe.each(FILES)('%s', (file) => {
  const text = readFileSync(file, 'utf8');

  it('sets only variables that watch has', () => {
    const used = text.match(/TTL_ARCHIVE_[A-Z_]+(?=[:=,])/g) ?? [];
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((name) => !VARIABLES.has(name))).toEqual([]);
  });
});

it.each(FILES.filter((file) => file.endsWith('.yaml')))('%s is YAML', (file) => {
  for (const { errors } of parseAllDocuments(readFileSync(file, 'utf8'))) expect(errors).toEqual([]);
});

it('copies into the image only what there is, and nothing that the build context leaves out', () => {
  const left = new Set(readFileSync('.dockerignore', 'utf8').trim().split('\n'));
  const copied = readFileSync('deploy/docker/Dockerfile', 'utf8')
    .split('\n')
    .flatMap((line) => /^COPY (?!--from)(.*) \S+$/.exec(line)?.[1]?.split(' ') ?? []);
  expect(copied).toContain('src');
  const present = readdirSync('.');
  for (const name of copied) {
    expect(present).toContain(name);
    expect(left).not.toContain(name);
  }
});

describe('the probes', () => {
  it('ask for the pages of the metrics port, from outside of the pod', () => {
    const documents = parseAllDocuments(readFileSync('deploy/kubernetes/statefulset.yaml', 'utf8'));
    const statefulSet = documents.map((each) => each.toJS()).find(({ kind }) => kind === 'StatefulSet');
    const [container] = statefulSet.spec.template.spec.containers;
    const env = new Map(container.env.map(({ name, value }: { name: string; value: string }) => [name, value]));
    expect(container.ports).toEqual([{ name: 'metrics', containerPort: Number(env.get('TTL_ARCHIVE_METRICS_PORT')) }]);
    expect(env.get('TTL_ARCHIVE_METRICS_HOST')).toBe('0.0.0.0');
    expect(container.readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'metrics' });
    expect(container.livenessProbe.httpGet).toEqual({ path: '/healthz', port: 'metrics' });
  });

  it.each([
    [200, 0],
    [503, 1],
    [undefined, 1],
  ])('of Docker take the answer %s as the status %i', async (answer, status) => {
    const [, json = ''] = /^ {2}CMD (\[.*\])$/m.exec(readFileSync('deploy/docker/Dockerfile', 'utf8')) ?? [];
    const [command = '', ...args] = JSON.parse(json) as string[];
    const server = createServer((request, response) => {
      response.writeHead(request.url === '/healthz' ? (answer ?? 500) : 404).end('{"status":"x"}\n');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    if (answer === undefined) await new Promise((resolve) => server.close(resolve));
    const env = { ...process.env, TTL_ARCHIVE_METRICS_PORT: String(port) };
    const child = spawn(command, args, { env, stdio: 'ignore' });
    expect((await once(child, 'exit'))[0]).toBe(status);
    server.close();
  });
});
