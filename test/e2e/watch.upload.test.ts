import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolders } from '../support/archive-folder.js';
import { builtCli } from '../support/cli.js';
import { eventually } from '../support/eventually.js';
import { readS3Archive } from '../support/s3-archive-oracle.js';
import { S3_FAULTS } from '../support/s3-server/faults.js';
import { startS3Server } from '../support/s3-server/s3-server.js';
import { seededRandom } from '../support/streams-server/faults.js';
import { StreamModel, startStreamsServer } from '../support/streams-server.js';

const folder = temporaryFolders();
const cli = builtCli();

const RECORDS = 300;
const PASSING = [S3_FAULTS.slowDown, S3_FAULTS.conflict, S3_FAULTS.lostAnswer, S3_FAULTS.alteredUpload];

describe('ttl-archive watch --upload', () => {
  it('has every item in S3 once, and verifies here, after kills under load and with an S3 that fails', async () => {
    const cwd = await folder();
    const model = new StreamModel({ settings: { cutPage: () => 20 } });
    const [shard = ''] = model.createTable({ TableName: 'Orders' }).shards;
    model.fill(shard, { count: RECORDS, bytes: 500 });
    const streams = await startStreamsServer({ model });
    const random = seededRandom(7);
    const s3 = await startS3Server({
      faults: () => (random() < 0.2 ? PASSING[Math.floor(random() * PASSING.length)] : undefined),
    });
    const at = ['--table', 'Orders', '--endpoint-url', streams.endpointUrl];
    const upload = ['--upload', 's3://bucket/orders', '--s3-endpoint-url', s3.endpointUrl, '--delete-uploaded'];
    const args = ['watch', ...at, '--layout', 'segments', '--segment-size', '1', ...upload];

    for (const uploads of [1, 3]) {
      const watcher = cli.start(args, { cwd });
      const uploaded = () => watcher.output.stderr.split('"event":"segment.uploaded"').length - 1;
      await eventually(async () => uploaded() >= uploads || watcher.child.exitCode !== null, { intervalMs: 1 });
      watcher.child.kill('SIGKILL');
      expect((await watcher.ended).status).toBeNull();
    }
    const { status, stderr } = await cli.run([...args, '--once'], { cwd });
    expect(stderr).toContain('"notUploaded":0');
    expect(status).toBe(0);

    const objects = new Map([...s3.objects].map(([key, content]) => [key.replace(/^orders\//, ''), content]));
    const lines = readS3Archive(objects).map(({ line }) => line);
    const wanted = [...model.records(shard)].map((json) =>
      JSON.stringify({ Item: JSON.parse(json).dynamodb.OldImage }),
    );
    expect(lines.toSorted()).toEqual(wanted.toSorted());
    const verified = await cli.run(['verify', '--out', join(cwd, 'temp')], { cwd });
    expect(verified.stdout).toContain('ttl-archive verify --out s3://bucket/orders');
    expect(verified.status).toBe(0);

    const found = await cli.run(['find', '--since', '1d', '--json'], { cwd });
    const { file, Keys }: { file: string; Keys: unknown } = JSON.parse(found.stdout.split('\n')[0] ?? '');
    expect(s3.objects.has(file.replace('s3://bucket/', ''))).toBe(true);
    const shown = await cli.run(['find', '--key', JSON.stringify(Keys), '--show'], { cwd });
    expect(shown).toMatchObject({ status: 10, stderr: expect.stringContaining('use --out s3://bucket/orders') });
    expect((await cli.run(['status'], { cwd })).stdout).toMatch(/uploaded +\d+ segments? .* in S3, none waiting/);
    await Promise.all([streams.close(), s3.close()]);
  });
});
