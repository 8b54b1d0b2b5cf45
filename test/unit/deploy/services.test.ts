import { readdirSync, readFileSync } from 'node:fs';
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
