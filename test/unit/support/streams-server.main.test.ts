import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';

/** Starts the simulated stream as a process; gives what it printed, and its control. */
async function started(configuration: object) {
  const main = new URL('../../support/streams-server/main.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--import', 'tsx', main, JSON.stringify(configuration)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface(child.stdout), 'line');
  const { endpointUrl, shards } = JSON.parse(String(line));
  const control = async (command: object) => {
    const response = await fetch(`${endpointUrl}/control`, { method: 'POST', body: JSON.stringify(command) });
    return { status: response.status, value: JSON.parse(await response.text()) };
  };
  return { child, shards, control };
}

describe('streams-server/main', () => {
  it('grows, obeys commands, and ends when its stdin closes', async () => {
    const { child, shards, control } = await started({ shards: 2, recordsPerShard: 5, eventsPerSecond: 100 });
    expect(shards).toHaveLength(2);
    const records = async () => (await control({ command: 'stats' })).value.records;
    await expect.poll(records).toBeGreaterThan(12);
    const split = await control({ command: 'split', ShardId: shards[0] });
    expect(split.value).toHaveLength(2);
    const item = { PK: { S: 'a' } };
    const put = await control({ command: 'put', ShardId: split.value[0], items: [item, item] });
    expect(put.value).toHaveLength(2);
    expect(await control({ command: 'no' })).toMatchObject({
      status: 400,
      value: { message: 'Error: The command no is unknown.' },
    });
    const exit = once(child, 'exit');
    child.stdin.end();
    expect(await exit).toEqual([0, null]);
  });
});
