import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { temporaryFolders } from '../support/archive-folder.js';
import { builtCli } from '../support/cli.js';
import { eventually } from '../support/eventually.js';

const folder = temporaryFolders();
const cli = builtCli();

/** What README.md shows of the demo. */
async function transcript(): Promise<string> {
  const [, shown = ''] = /<!-- transcript:demo -->\n```\n(.*?)```/s.exec(await readFile('README.md', 'utf8')) ?? [];
  return shown;
}

/** The lines without what differs from run to run (TTL deletes the items in any order), and without those left out. */
function lines(text: string): string[] {
  return text
    .replace(/\d{21}|[0-9a-f]{16}|\d{10}|(?<=session-|"N":")\d+/g, '#')
    .split('\n')
    .filter((line) => line.trim() !== '…');
}

describe.concurrent('ttl-archive demo', () => {
  /** Starts the demo with a folder of its own for temporary files. */
  const started = async () => {
    const cwd = await folder();
    const temporary = join(cwd, 'tmp');
    await mkdir(temporary);
    const demo = cli.start(['demo'], { cwd, env: { TMPDIR: temporary } });
    // DynamoDB Local's own folder is removed by a process that outlives it by a moment.
    const leavesNothing = () => eventually(async () => (await readdir(temporary)).length === 0, { timeoutMs: 5000 });
    return { cwd, demo, leavesNothing };
  };

  it('shows the whole exercise as README.md has it, leaves nothing behind, and exits with 0', async ({ expect }) => {
    const { cwd, demo, leavesNothing } = await started();
    const { status, stdout } = await demo.ended;
    expect(status).toBe(0);
    const steps = stdout.split('\n').flatMap((line) => /^(\d)\. /.exec(line)?.[1] ?? []);
    expect(steps).toEqual(['1', '2', '3', '4', '5', '6', '7', '8']);
    expect(stdout.match(/^ +\d{10}-session-\d-\S+\.json$/gm)).toHaveLength(3);
    expect(stdout.match(/^ +\{.*"PK":\{"S":"session-\d"\}.*\}$/gm)?.length).toBeGreaterThanOrEqual(3);
    const printed = lines(stdout);
    const shown = lines(await transcript());
    expect(shown.length).toBeGreaterThan(8);
    expect(shown.filter((line) => !printed.includes(line))).toEqual([]);
    await leavesNothing();
    expect(await readdir(cwd)).toEqual(['tmp']);
  });

  it('leaves nothing behind when it is stopped in the middle', async ({ expect }) => {
    const { demo, leavesNothing } = await started();
    await demo.says('5. ');
    demo.child.kill('SIGINT');
    expect((await demo.ended).status).toBe(130);
    await leavesNothing();
  });
});
