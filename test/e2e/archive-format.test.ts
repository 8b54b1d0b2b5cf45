import { appendFile, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, onTestFinished } from 'vitest';
import { temporaryFolders } from '../support/archive-folder.js';
import { builtCli } from '../support/cli.js';
import { fieldsOf, readCommitted, readDocumentedArchive, sha256 } from '../support/documented-reader.js';
import { eventually } from '../support/eventually.js';
import { manualDelete, StreamModel, startStreamsServer, ttlDelete } from '../support/streams-server.js';

const folder = temporaryFolders();
const cli = builtCli();
const HOUR = 3_600_000;

const item = (index: number) => ({
  PK: { S: `Order ${index}/é"\\` },
  SK: { N: `${index}` },
  n: { N: '1.50' },
  b: { B: 'AAE=' },
  ttl: { N: `${1795446313 + index}` },
});
const plain = (index: number) =>
  `{"PK":${JSON.stringify(`Order ${index}/é"\\`)},"SK":${index},"n":1.50,"b":"AAE=","ttl":${1795446313 + index}}`;

const keySchema = [
  { name: 'PK', keyType: 'HASH', type: 'S' },
  { name: 'SK', keyType: 'RANGE', type: 'N' },
] as const;

/** A table with twenty deletions by TTL of two hours, in pages of three, and one made by hand in between. */
async function table() {
  const model = new StreamModel({ settings: { cutPage: () => 3 } });
  const [ShardId = ''] = model.createTable({ TableName: 'Orders', keySchema }).shards;
  const now = Date.now();
  for (let index = 0; index < 20; index++) {
    model.put(ShardId, { ...ttlDelete(item(index)), at: now - HOUR * (index % 2) });
    if (index === 10) model.put(ShardId, manualDelete({ PK: { S: 'by hand' }, SK: { N: '0' } }));
  }
  const server = await startStreamsServer({ model });
  onTestFinished(() => server.close());
  const cwd = await folder();
  return {
    cwd,
    out: join(cwd, 'a'),
    watch: ['watch', '--out', 'a', '--table', 'Orders', '--endpoint-url', server.endpointUrl],
  };
}

const all = Array.from({ length: 20 }, (_, index) => index);

describe('docs/archive-format.md', () => {
  it.for([
    ['files', 'item', []],
    ['files', 'plain', []],
    ['files', 'record', []],
    ['segments', 'item', []],
    ['segments', 'item', ['--compress', 'none', '--segment-size', '1KB']],
    ['segments', 'plain', ['--segment-size', '1KB']],
    ['segments', 'record', []],
  ] as const)('lets a reader of its own find every item: %s, %s %j', async ([layout, format, more], { expect }) => {
    const { cwd, out, watch } = await table();
    const { status } = await cli.run([...watch, '--once', '--layout', layout, '--format', format, ...more], { cwd });
    expect(status).toBe(0);
    const items = await readDocumentedArchive(out);
    expect(items.map(({ text }) => (format === 'record' ? oldImageOf(text) : text.trimEnd()))).toEqual(
      all.map((index) => (format === 'plain' ? plain(index) : JSON.stringify(item(index)))),
    );
    for (const { entry } of items) {
      const { file, deletedAt, offset } = entry;
      expect(file).toMatch(layout === 'files' ? documentedName(entry) : documentedFolder(String(deletedAt)));
      expect(offset === undefined).toBe(layout === 'files');
    }
  });

  it('describes an archive beside a running watch, whose segment is not closed', async ({ expect }) => {
    const { cwd, out, watch } = await table();
    const running = cli.start([...watch, '--layout', 'segments'], { cwd });
    await eventually(async () => running.output.stdout.split('\n').length > 20);
    expect((await readdir(join(out, '.ttl-archive/open'))).every((name) => name.endsWith('.json.gz.open'))).toBe(true);
    expect((await readDocumentedArchive(out)).map(({ text }) => text)).toEqual(
      all.map((index) => JSON.stringify(item(index))),
    );
    const lock = join(out, '.ttl-archive/lock');
    expect((await stat(lock)).size).toBe(2048);
    expect(fieldsOf(await readFile(lock, 'utf8'))).toMatchObject({ pid: running.child.pid, leaseMs: 20_000 });
    running.child.kill('SIGINT');
    expect((await running.ended).status).toBe(0);
  });

  it('lets it pass over the rest of an unfinished append, as the next watch does, and over nothing else', async ({
    expect,
  }) => {
    const { cwd, out, watch } = await table();
    await cli.run([...watch, '--once'], { cwd });
    const before = await readCommitted(out);
    const [name = ''] = await readdir(join(out, '.ttl-archive/journal'));
    const journal = join(out, '.ttl-archive/journal', name);
    const whole = await readFile(journal);
    await appendFile(journal, Buffer.concat([Buffer.alloc(512), Buffer.from('\n{"type":"item","fi')]));
    expect(await readCommitted(out)).toEqual(before);
    expect((await cli.run([...watch, '--once'], { cwd })).status).toBe(0);
    expect((await readFile(journal)).subarray(0, whole.length)).toEqual(whole);
    expect((await readDocumentedArchive(out)).length).toBe(20);

    await writeFile(journal, Buffer.concat([whole.subarray(0, 700), Buffer.from('x'), whole.subarray(701)]));
    await expect(readCommitted(out)).rejects.toThrow('damaged');
    expect((await cli.run(['verify', '--out', 'a'], { cwd })).status).toBe(10);
  });

  it('says where the journal ends, in checkpoints.json', async ({ expect }) => {
    const { cwd, out, watch } = await table();
    await cli.run([...watch, '--once', '--layout', 'segments'], { cwd });
    const text = await readFile(join(out, '.ttl-archive/checkpoints.json'), 'utf8');
    const { file, offset, lineLength, prev, items, openSegments, check } = fieldsOf(text);
    const journal = await readFile(join(out, '.ttl-archive/journal', String(file)));
    const last = journal.subarray(Number(offset) - Number(lineLength), Number(offset) - 1);
    expect({ offset, prev, items, openSegments, check }).toEqual({
      offset: journal.length,
      prev: sha256(last).slice(0, 32),
      items: 20,
      openSegments: [],
      check: sha256(text.slice(0, text.lastIndexOf(',"check":"'))).slice(0, 32),
    });
  });
});

function oldImageOf(record: string): string {
  const { dynamodb } = fieldsOf(record);
  return JSON.stringify(fieldsOf(JSON.stringify(dynamodb))['OldImage']);
}

/** The file's name as the document says how it is made. */
function documentedName({ ttl, Keys, eventID, SequenceNumber }: Record<string, unknown>): RegExp {
  const hash = sha256(JSON.stringify([eventID, SequenceNumber, Keys])).slice(0, 16);
  return new RegExp(`^${String(ttl)}-order_(\\d+)_\\.\\1-${String(SequenceNumber)}-${hash}\\.json$`);
}

function documentedFolder(deletedAt: string): RegExp {
  const [year, month, day, hour] = deletedAt.split(/[-T:]/);
  return new RegExp(`^year=${year}/month=${month}/day=${day}/hour=${hour}/\\d+-[0-9a-f]{16}(-\\d+)?\\.json(\\.gz)?$`);
}
