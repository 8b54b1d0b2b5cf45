import { afterEach, expect, it, vi } from 'vitest';
import { buildProgram, runProgram } from '../../../src/cli/program.js';
import { fakeIo } from '../../support/fake-io.js';

afterEach(() => vi.unstubAllEnvs());

/** The options that `argv` gives a command in this environment, or the error. */
async function optionsOf(argv: readonly string[], env: Readonly<Record<string, string>>) {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  let seen: object = {};
  const program = buildProgram(fakeIo({ env }), () => async (options) => {
    seen = options;
  });
  await program.parseAsync(argv, { from: 'user' });
  return seen;
}

it('sets the options of watch, parsed as on the command line', async () => {
  const options = await optionsOf(['watch'], {
    TTL_ARCHIVE_OUT: '/data',
    TTL_ARCHIVE_LAYOUT: 'segments',
    TTL_ARCHIVE_POLL_INTERVAL: '2s',
    TTL_ARCHIVE_CONCURRENCY: '7',
    TTL_ARCHIVE_ONCE: 'true',
  });
  expect(options).toMatchObject({
    out: '/data',
    layout: 'segments',
    pollInterval: 2000,
    concurrency: 7,
    once: true,
  });
});

it('prefers the command line', async () => {
  expect(await optionsOf(['watch', '--out', 'a'], { TTL_ARCHIVE_OUT: 'b' })).toMatchObject({ out: 'a' });
});

it('takes an empty variable for one that is not set', async () => {
  const options = await optionsOf(['watch'], { TTL_ARCHIVE_OUT: '', TTL_ARCHIVE_ONCE: '', TTL_ARCHIVE_LAYOUT: '' });
  expect(options).toMatchObject({ out: 'temp', layout: 'files' });
  expect(options).not.toHaveProperty('once');
});

it.each(['0', 'false', 'OFF', 'no'])('switches nothing on by %s', async (value) => {
  expect(await optionsOf(['watch'], { TTL_ARCHIVE_ONCE: value })).not.toHaveProperty('once');
});

it('rejects a switch that is neither on nor off', async () => {
  await expect(optionsOf(['watch'], { TTL_ARCHIVE_JSON: 'maybe' })).rejects.toMatchObject({ code: 'USAGE' });
});

it('names the variable whose value is wrong', async () => {
  vi.stubEnv('TTL_ARCHIVE_LAYOUT', 'heap');
  const io = fakeIo({ env: { TTL_ARCHIVE_LAYOUT: 'heap' } });
  expect(await runProgram(['watch'], io)).toBe(2);
  expect(io.err()).toContain("'heap' from env 'TTL_ARCHIVE_LAYOUT' is invalid");
});

it('lists a variable for every option of watch in its help, and --out of the other commands', async () => {
  const program = buildProgram(fakeIo(), () => async () => undefined);
  for (const command of program.commands) {
    for (const { envVar, long, negate } of command.options) {
      const isIts = !negate && long !== '--table' && (command.name() === 'watch' || long === '--out');
      expect(envVar).toBe(isIts ? `TTL_ARCHIVE_${long?.slice(2).toUpperCase().replaceAll('-', '_')}` : undefined);
    }
  }
  const io = fakeIo();
  await runProgram(['watch', '--help'], io);
  expect(io.out()).toContain('env: TTL_ARCHIVE_OUT');
});
