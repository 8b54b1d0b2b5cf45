import { versions } from 'node:process';
import { Command, CommanderError } from 'commander';
import { diskError } from '../disk/disk-error.js';
import { TtlArchiveError } from '../errors.js';
import { addLogOptions, type LogOptions, type Run } from './command.js';
import { compactCommand } from './compact-command.js';
import { completionCommand } from './completion-command.js';
import { demoCommand } from './demo-command.js';
import { doctorCommand } from './doctor-command.js';
import { exportCommand } from './export-command.js';
import { findCommand } from './find-command.js';
import type { Io } from './io.js';
import { localCommand } from './local-command.js';
import { pruneCommand } from './prune-command.js';
import { putAndWaitCommand } from './put-and-wait-command.js';
import { replayCommand } from './replay-command.js';
import { reportCommand } from './report-command.js';
import { reportError } from './report-error.js';
import { restoreCommand } from './restore-command.js';
import { setupCommand } from './setup-command.js';
import { statusCommand } from './status-command.js';
import { teardownCommand } from './teardown-command.js';
import { isDisplayed, toUsageError } from './usage-error.js';
import { ignoreUnset } from './variables.js';
import { verifyCommand } from './verify-command.js';
import { allVersions, ownVersion } from './versions.js';
import { watchCommand } from './watch-command.js';

/** In the order in which `--help` and docs/cli.md show them. */
const COMMANDS: readonly ((run: Run) => Command)[] = [
  setupCommand,
  watchCommand,
  putAndWaitCommand,
  statusCommand,
  doctorCommand,
  restoreCommand,
  verifyCommand,
  findCommand,
  reportCommand,
  exportCommand,
  compactCommand,
  pruneCommand,
  replayCommand,
  teardownCommand,
  localCommand,
  demoCommand,
  completionCommand,
];

/** Columns: on a terminal of 40 a description has 23. */
const MIN_WIDTH = 20;

/** The exit status of a command line without a command; the help is printed. */
const USAGE = 2;

/** The commander program with every command. */
export function buildProgram(io: Io, run: Run): Command {
  const program = new Command('ttl-archive')
    .description("Keeps the items that DynamoDB's TTL deletes.")
    .version(ownVersion(), '-V, --version', 'print the version; with --verbose also those of Node.js and the packages')
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: () => undefined,
      getOutHelpWidth: () => io.stdout.columns || 100,
      getErrHelpWidth: () => io.stderr.columns || 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    // A command's own options come first, even when --help is the only one.
    .configureHelp({
      minWidthToWrap: MIN_WIDTH,
      // Options and arguments are in a command's own help.
      subcommandTerm: (command) => command.name(),
      groupItems(items, visible, groupOf) {
        const groups = new Set(['Options:', ...items.map(groupOf), ...visible.map(groupOf)]);
        return new Map([...groups].map((group) => [group, visible.filter((item) => groupOf(item) === group)]));
      },
    })
    .addHelpText(
      'after',
      '\nExamples:\n  ttl-archive demo\n  ttl-archive watch --table Orders --out archive\n  ttl-archive restore --help',
    )
    .hook('preSubcommand', (_, command) => ignoreUnset(command, io.env));
  for (const define of COMMANDS) {
    program.addCommand(addLogOptions(define(run)).copyInheritedSettings(program));
  }
  for (const command of [program, ...program.commands]) {
    command.exitOverride((error) => {
      throw isDisplayed(error) ? error : toUsageError(error, command);
    });
  }
  return program;
}

/** Runs the command in `argv` (without node and script). Returns its exit status; never rejects. */
export async function runProgram(argv: readonly string[], io: Io): Promise<number> {
  let status = 0;
  let logOptions: LogOptions | undefined;
  const run: Run = (load) => async (options) => {
    logOptions = options;
    const action = await load();
    status = (await action(options, io)) ?? 0;
  };
  try {
    const program = buildProgram(io, run);
    if (asksForVersions(argv)) io.stdout.write(allVersions(versions.node));
    else await program.parseAsync(withoutHelp(argv, program), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) status = reportError(error, io, logOptions);
    else if (error.exitCode !== 0) status = USAGE;
  }
  // Unwritten output is a failure, whatever the command returned.
  const unwritten = await io.flush();
  return unwritten === undefined ? status : reportError(unwritten, io, logOptions);
}

function asksForVersions(argv: readonly string[]): boolean {
  return argv.length === 2 && argv.includes('--verbose') && (argv.includes('--version') || argv.includes('-V'));
}

/** `help watch` is `watch --help`; `help nosuch` fails as `nosuch` does. */
function withoutHelp(argv: readonly string[], program: Command): string[] {
  const [first, name] = argv;
  if (first !== 'help' || name === undefined || name.startsWith('-')) return [...argv];
  return program.commands.some((command) => command.name() === name) ? [name, '--help'] : [name];
}

/** The error for output that could not be written. */
export function outputError(cause: unknown): TtlArchiveError {
  const { message } = diskError('write', 'standard output', cause);
  return new TtlArchiveError('DISK', message, {
    remedy: 'Free some space where the output goes, or send it elsewhere, then run the command again.',
    cause,
  });
}
