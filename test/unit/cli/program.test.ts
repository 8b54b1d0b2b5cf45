import { describe, expect, it } from 'vitest';
import { Stop } from '../../../src/cli/io.js';
import { buildProgram, outputError, runProgram } from '../../../src/cli/program.js';
import { reportError } from '../../../src/cli/report-error.js';
import { TtlArchiveError } from '../../../src/errors.js';
import { fakeIo } from '../../support/fake-io.js';

const COMMANDS = buildProgram(fakeIo(), () => async () => undefined).commands;

describe('buildProgram', () => {
  it.each(COMMANDS.map((command) => command.name()))('shows two examples or more in the help of %s', async (name) => {
    const io = fakeIo();
    expect(await runProgram([name, '--help'], io)).toBe(0);
    const [, examples = ''] = io.out().split('\nExamples:\n');
    const ofCommand = new RegExp(`^  (?:\\S+ .*\\| |source <\\()?ttl-archive ${name}(?: |$)`);
    const lines = examples.trimEnd().split('\n');
    expect(new Set(lines).size).toBeGreaterThanOrEqual(2);
    for (const line of lines) expect(line).toMatch(ofCommand);
    expect(io.err()).toBe('');
  });

  it('has one short line per command in the list of commands', () => {
    for (const command of COMMANDS) {
      expect(command.summary()).toMatch(/^[a-z][^.]{0,59}$/);
      expect(command.description()).toMatch(/^[A-Z].*\.$/s);
    }
  });

  it('fits the list of commands into 80 columns, each on one line', async () => {
    const io = fakeIo({ stdout: { columns: 80 } });
    await runProgram(['--help'], io);
    const [, list = ''] = io.out().split('\nCommands:\n');
    for (const command of COMMANDS)
      expect(list).toMatch(new RegExp(`^  ${command.name()} +${command.summary()}$`, 'm'));
    expect(
      Math.max(
        ...io
          .out()
          .split('\n')
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(80);
  });

  it.each(COMMANDS.map((command) => command.name()))(
    'lists the own options of %s before the shared ones',
    async (name) => {
      const io = fakeIo();
      await runProgram([name, '--help'], io);
      expect(
        io
          .out()
          .match(/^[A-Z][^\n]*:$/gm)
          ?.filter((heading) => heading !== 'Arguments:')[0],
      ).toBe('Options:');
    },
  );

  it('mentions the creation of a missing table only where --local does it', () => {
    const promising = COMMANDS.filter((command) => command.helpInformation().includes('missing table'));
    expect(promising.map((command) => command.name())).toEqual(['watch', 'put-and-wait']);
  });

  it('describes every option', () => {
    const silent = COMMANDS.flatMap(({ options }) => options).filter(({ description }) => description === '');
    expect(silent).toEqual([]);
  });
});

describe('runProgram', () => {
  it('prints the version', async () => {
    const io = fakeIo();
    expect(await runProgram(['--version'], io)).toBe(0);
    expect(io.out()).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('prints the versions that the report of a bug needs', async () => {
    const io = fakeIo();
    expect(await runProgram(['--version', '--verbose'], io)).toBe(0);
    expect(io.out()).toMatch(/^ttl-archive +\d+\.\d+\.\d+\nNode\.js +\d+\.\d+\.\d+\n/);
    expect(io.out()).toMatch(/^@aws-sdk\/client-dynamodb +3\.\d+\.\d+$/m);
  });

  it('shows the help on stderr when no command is given', async () => {
    const io = fakeIo();
    expect(await runProgram([], io)).toBe(2);
    expect(io.err()).toContain('Usage: ttl-archive');
    expect(io.out()).toBe('');
  });

  it.each([
    [['wacth'], "Unknown command 'wacth'.", 'Did you mean watch?'],
    [['watch', '--tble', 'x'], "Unknown option '--tble'.", 'Did you mean --table?'],
    [['help', 'nosuch'], "Unknown command 'nosuch'.", 'ttl-archive --help'],
    [['help', 'wacth'], "Unknown command 'wacth'.", 'Did you mean watch?'],
    [['watch', '--out', ''], "'' is invalid.", 'Give the name of a folder.'],
    [['find', '--key', 'a', '--out', ''], "'' is invalid.", 'Give the name of a folder.'],
    [['watch', 'x'], "Too many arguments for 'watch': expected 0 arguments but got 1.", 'ttl-archive watch --help'],
    [['watch', '--poll-interval', 'banana'], "'banana' is invalid.", 'Give a duration like 250ms'],
    [['watch', '--concurrency', '0'], "'0' is invalid.", 'Give a whole number from 1'],
    [['watch', '--segment-size', 'big'], "'big' is invalid.", 'Give a size like'],
    [['watch', '--layout', 'heap'], "'heap' is invalid.", 'Allowed choices are files, segments.'],
    [['restore', '--ttl', 'never'], "'never' is invalid.", 'Give drop, keep, or a duration'],
    [['watch', '--out'], 'argument missing.', 'ttl-archive watch --help'],
    [['watch', '--local', '--endpoint-url', 'http://x'], "cannot be used with option '--local'.", 'watch --help'],
    [['put-and-wait', '--count', '1.5'], "'1.5' is invalid.", 'Give a whole number'],
    [['local', '--port', '70000'], "'70000' is invalid.", 'Give a whole number from 1 to 65535.'],
  ])('exits with 2, a sentence and a remedy for %j', async (argv, sentence, remedy) => {
    const io = fakeIo();
    expect(await runProgram(argv, io)).toBe(2);
    const [first, second, ...more] = io.err().split('\n');
    expect(first).toMatch(/^error: [A-Z].*\.$/);
    expect(first).toContain(sentence);
    expect(second).toContain(remedy);
    expect(more).toEqual(['']);
    expect(io.out()).toBe('');
  });

  it('escapes control characters in arguments', async () => {
    const io = fakeIo();
    expect(await runProgram(['watch', '--\u001b[31m\n'], io)).toBe(2);
    expect(io.err()).toContain('--\\u001b[31m');
    expect(io.err()).not.toContain('\u001b');
  });

  it('rejects a minimum poll interval above the maximum', async () => {
    const io = fakeIo({ stderr: { isTTY: true } });
    expect(await runProgram(['watch', '--poll-interval', '10s'], io)).toBe(2);
    expect(io.err()).toMatch(/^error: The --poll-interval is longer than the --max-poll-interval\.\n/);
  });

  it.each([
    ['--compress', 'none'],
    ['--segment-size', '1MB'],
  ])('refuses %s for a layout that would ignore it', async (option, value) => {
    const io = fakeIo({ stderr: { isTTY: true } });
    expect(await runProgram(['watch', option, value], io)).toBe(2);
    expect(io.err()).toMatch(new RegExp(`^error: ${option} needs --layout segments\\.\n`));
  });

  it('exits with 7 when stdout cannot be written, whatever the command returns', async () => {
    const io = { ...fakeIo({ stderr: { isTTY: true } }), flush: async () => outputError({ code: 'ENOSPC' }) };
    expect(await runProgram(['--version'], io)).toBe(7);
    expect(io.err()).toMatch(/^error: Cannot write standard output: the system reported .*\sname\.\n/s);
  });

  it('reports that status found no archive', async () => {
    const io = fakeIo({ stderr: { isTTY: true }, cwd: '/nowhere/at/all' });
    expect(await runProgram(['status'], io)).toBe(3);
    expect(io.err()).toMatch(/^error: There is no archive in temp\.\n/);
  });
});

describe('reportError', () => {
  const options = { logLevel: 'info', color: true } as const;
  const full = new TtlArchiveError('DISK', 'The disk is full.', { remedy: 'Make room.', cause: new Error('ENOSPC') });

  it('writes JSON lines when stderr is no terminal', () => {
    const io = fakeIo();
    expect(reportError(full, io, options)).toBe(7);
    expect(JSON.parse(io.err())).toMatchObject({
      level: 'fatal',
      code: 'DISK',
      status: 7,
      msg: 'The disk is full.',
      remedy: 'Make room.',
    });
    expect(io.err()).not.toContain('ENOSPC');
  });

  it('shows stacks and causes only at debug', () => {
    const quiet = fakeIo({ stderr: { isTTY: true } });
    reportError(full, quiet, options);
    expect(quiet.err()).toBe('error: The disk is full.\nMake room.\n');
    const loud = fakeIo({ stderr: { isTTY: true } });
    reportError(full, loud, { ...options, logLevel: 'debug' });
    expect(loud.err()).toContain('caused by: Error: ENOSPC');
  });

  it('reports any other error as a bug', () => {
    const io = fakeIo({ stderr: { isTTY: true } });
    expect(reportError(new TypeError('x is not a function'), io, options)).toBe(1);
    expect(io.err()).toContain('This is a bug');
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['EPIPE', 0],
    ['OUTPUT', 7],
  ] as const)('is silent after %s and gives %d', (why, status) => {
    const signal = AbortSignal.abort(new Stop(why));
    const io = fakeIo({ signal });
    expect(reportError(signal.reason, io, options)).toBe(status);
    expect(io.err()).toBe('');
  });

  it('reports an error that the stop did not cause', () => {
    const io = fakeIo({ signal: AbortSignal.abort(new Stop('SIGINT')), stderr: { isTTY: true } });
    expect(reportError(full, io, options)).toBe(7);
    expect(io.err()).toContain('The disk is full.');
  });
});
