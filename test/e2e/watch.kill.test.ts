import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSoundArchive, temporaryFolders, visibleFiles } from '../support/archive-folder.js';
import { builtCli } from '../support/cli.js';
import { eventually } from '../support/eventually.js';
import { StreamModel, startStreamsServer } from '../support/streams-server.js';

const folder = temporaryFolders();
const cli = builtCli();

const SHARDS = 4;
const RECORDS = 500;

describe('ttl-archive watch', () => {
  it('has every item once and complete after it was killed many times under load', async () => {
    const cwd = await folder();
    const out = join(cwd, 'temp');
    const model = new StreamModel({ settings: { cutPage: () => 40 } });
    const { shards } = model.createTable({ TableName: 'Orders', shards: SHARDS });
    for (const ShardId of shards) model.fill(ShardId, { count: RECORDS, bytes: 500 });
    const server = await startStreamsServer({ model });
    const at = ['--table', 'Orders', '--endpoint-url', server.endpointUrl];
    // What DynamoDB sent, which is what has to be in the files.
    const wanted = new Set(
      shards.flatMap((ShardId) =>
        [...model.records(ShardId)].map((json) => sha256(`${JSON.stringify(JSON.parse(json).dynamodb.OldImage)}\n`)),
      ),
    );
    expect(wanted.size).toBe(SHARDS * RECORDS);

    let killed = 0;
    for (const more of [1, 150, 400]) {
      const watcher = cli.start(['watch', ...at], { cwd });
      const lines = () => watcher.output.stdout.split('\n').length - 1;
      await eventually(async () => lines() >= more || watcher.child.exitCode !== null, { intervalMs: 1 });
      watcher.child.kill('SIGKILL');
      const { status } = await watcher.ended;
      if (status === null) killed++;
      // Whatever is visible under a final name is whole.
      const visible = await visibleFiles(out);
      expect(visible.size).toBeGreaterThan(0);
      for (const [name, text] of visible) {
        expect(name).toMatch(/^[a-z0-9._-]+\.json$/);
        expect(wanted).toContain(sha256(text));
      }
      expect(visible.size).toBeLessThan(SHARDS * RECORDS);
    }
    expect(killed).toBe(3);

    const { status } = await cli.run(['watch', '--once', ...at], { cwd });
    expect(status).toBe(0);
    const { items, files, gaps } = await readSoundArchive(out);
    expect(gaps).toEqual([]);
    expect(items).toHaveLength(SHARDS * RECORDS);
    expect(new Set([...files.values()].map(sha256))).toEqual(wanted);
    await server.close();
  });
});

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
