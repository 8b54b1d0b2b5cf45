import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { runProgram } from '../../../src/cli/program.js';
import { nodeDisk } from '../../../src/disk/node-disk.js';
import { temporaryFolders } from '../../support/archive-folder.js';
import { changeRecord } from '../../support/change-record.js';
import { failedInvocation } from '../../support/failed-invocation.js';
import { fakeIo } from '../../support/fake-io.js';
import { eventRecord } from '../../support/lambda-event.js';
import { serveArchive, writeBatch } from '../../support/s3-archive.js';
import { sampleItems, writeSampleArchive } from '../../support/sample-archive.js';
import { smallObjects } from '../../support/small-objects.js';

/** What the live line of a command shows at its start and at its end, instead of four times a second. */
const shown = vi.hoisted((): string[] => []);
vi.mock('../../../src/cli/status-line.js', () => ({
  createLiveLine: (io: object) => {
    let draw = (): string => '';
    return {
      io,
      start(render: (columns: number) => string) {
        draw = () => render(79);
        shown.push(draw());
      },
      stop() {
        shown.push(draw());
        draw = () => '';
      },
    };
  },
}));

const folder = temporaryFolders();

afterEach(() => {
  shown.length = 0;
});

async function run(cwd: string, ...argv: string[]): Promise<readonly string[]> {
  const io = fakeIo({ cwd, stderr: { isTTY: true, columns: 80 } });
  expect([await runProgram(argv, io), io.err()]).toEqual([0, '']);
  return shown.filter((text) => text !== '').map((text) => text.replaceAll(/ +/g, ' ').trim());
}

async function sample(layout: 'files' | 'segments' = 'files'): Promise<string> {
  const cwd = await folder();
  await writeSampleArchive({ disk: nodeDisk, directory: `${cwd}/temp`, items: sampleItems(12), layout });
  return cwd;
}

async function bucket(objects: ReadonlyMap<string, Buffer>) {
  const { server } = await serveArchive(objects);
  onTestFinished(() => server.close());
  return { server, place: ['--s3-endpoint-url', server.endpointUrl] };
}

describe('the live line', () => {
  it.each([
    ['files', 'prune --older-than 1ms --yes', '12 of 12 files removed'],
    ['segments', 'prune --older-than 1ms --yes', '1 of 1 files removed'],
    ['files', 'report', '12 of 12 read'],
    ['segments', 'export --parquet x.parquet', '12 of 12 exported'],
  ] as const)('of an archive with %s shows the share and the remaining time: %s', async (layout, command, end) => {
    const lines = await run(await sample(layout), ...command.split(' '));
    expect(lines[0]).toMatch(/^\[ \] 0% 0 of \d+ \w[\w ]* 0\/s ETA -$/);
    expect(lines.at(-1)).toMatch(new RegExp(String.raw`^\[#{16}\] 100% ${end} [\d,]+/s ETA `));
  });

  it('counts what is left of an archive after a prune', async () => {
    const cwd = await sample();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 11, 1) });
    onTestFinished(() => void vi.useRealTimers());
    const age = Date.now() - Date.UTC(2026, 10, 24, 0, 0, 4);
    await run(cwd, 'prune', '--older-than', `${age}ms`, '--yes');
    shown.length = 0;
    expect((await run(cwd, 'report')).at(-1)).toMatch(/ 8 of 8 read /);
  });

  it('of compact shows the objects, their rate, the time and the hour', async () => {
    const objects = await smallObjects(
      [
        [0, 3],
        [3, 3],
      ],
      Date.UTC(2020, 1, 3, 4) / 1000,
    );
    const { place } = await bucket(objects);
    const lines = await run('/tmp', 'compact', 's3://bucket/orders', ...place);
    expect(lines[0]).toBe('0 objects merged 0/s 0ms');
    expect(lines.at(-1)).toMatch(/^2 objects merged [\d,]+\/s \d+m?s at 2020-02-03 04:00$/);
  });

  it('of replay shows the batches, their rate, the time, and what was archived', async () => {
    const { server, place } = await bucket(new Map());
    const [key, content] = failedInvocation({ records: [eventRecord(changeRecord())], id: 'a' });
    server.objects.set(`failed/${key}`, content);
    const from = ['s3://bucket/failed', '--out', 's3://bucket/orders', '--table', 'Orders'];
    const lines = await run('/tmp', 'replay', ...from, ...place);
    expect(lines[0]).toBe('0 batches replayed 0/s 0ms 0 archived');
    expect(lines.at(-1)).toMatch(/^1 batches replayed [\d,]+\/s \d+m?s 1 archived$/);
  });

  it.each([
    ['status', '2 objects'],
    ['report --output -', '5 read'],
    ['export --parquet x.parquet', '5 exported'],
  ])('of %s in S3 shows the count, the rate and the time', async (command, end) => {
    const objects = new Map<string, Buffer>();
    await writeBatch(objects, 3);
    await writeBatch(objects, 2, { hour: 1, from: 3 });
    const { place } = await bucket(objects);
    const lines = await run(await folder(), ...command.split(' '), '--out', 's3://bucket/orders', ...place);
    expect(lines.at(-1)).toMatch(new RegExp(String.raw`^${end} [\d,]+/s \d+m?s$`));
  });
});
