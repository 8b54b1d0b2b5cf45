import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT, start } from './processes.js';

export interface SimulatedStream {
  readonly endpointUrl: string;
  readonly TableName: string;
  readonly StreamArn: string;
  readonly shards: readonly string[];
  /** Of all tables, when there are several. */
  readonly TableNames: readonly string[];
  /** One command at POST /control; the caller states the type of the answer. */
  readonly control: <T = unknown>(command: object) => Promise<T>;
  stop(): Promise<void>;
}

/** Starts test/support/streams-server as a process of its own. */
export async function startSimulatedStream(configuration: object): Promise<SimulatedStream> {
  const main = join(ROOT, 'test/support/streams-server/main.ts');
  const child = start(process.execPath, ['--import', 'tsx', main, JSON.stringify(configuration)]);
  if (child.stdout === null || child.stdin === null) throw new TypeError('The process has no pipes.');
  const { stdin } = child;
  const lines = createInterface({ input: child.stdout });
  const [line]: string[] = await once(lines, 'line');
  const told: Omit<SimulatedStream, 'control' | 'stop'> = JSON.parse(line ?? '{}');
  return {
    ...told,
    async control(command) {
      const answer = await fetch(`${told.endpointUrl}/control`, { method: 'POST', body: JSON.stringify(command) });
      if (!answer.ok) throw new Error(await answer.text());
      return JSON.parse(await answer.text());
    },
    async stop() {
      const gone = once(child, 'exit');
      stdin.end();
      await gone;
    },
  };
}

/** Calls that the stream got since the last reset. */
export interface Calls {
  readonly calls: number;
  readonly getRecords: number;
  readonly cpuMs: number;
}
