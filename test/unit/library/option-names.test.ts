import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeDisk } from '../../../src/disk/node-disk.js';
import { TtlArchiveError } from '../../../src/errors.js';
import { deliver, find, readTtlDeletions, restore, verify, watch } from '../../../src/index.js';
import {
  DELIVERY_NAMES,
  READING_NAMES,
  renamedLog,
  renameOptions,
  WATCH_NAMES,
} from '../../../src/library/option-names.js';
import { temporaryFolders } from '../../support/archive-folder.js';
import { notedLog } from '../../support/noted-log.js';
import { writeSampleArchive } from '../../support/sample-archive.js';
import { deliveryFixture } from './delivery-fixture.js';

const folder = temporaryFolders();

const ORDERS = 'arn:aws:dynamodb:eu-west-1:123456789012:table/Orders';
const ELSEWHERE = { region: 'us-east-1' };
const NOWHERE = { endpointUrl: 'http://127.0.0.1:1', region: 'eu-west-1' };
const sink = { write: async () => undefined };

/** What a call throws or rejects with, its message and remedy in one. */
async function textOf(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    if (error instanceof TtlArchiveError) return `${error.message} ${error.remedy}`;
    throw error;
  }
  throw new Error('It threw nothing.');
}

async function first(iterable: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of iterable) return;
}

describe('an error of the library', () => {
  it.each([
    ['watch', () => watch({ table: ORDERS, out: 'x', connection: ELSEWHERE })],
    ['deliver', () => deliver({ table: ORDERS, positions: 'x', sink, connection: ELSEWHERE })],
    ['readTtlDeletions', () => first(readTtlDeletions({ table: ORDERS, positions: 'x', connection: ELSEWHERE }))],
  ])('names the member of the connection that contradicts an ARN, from %s', async (_, call) => {
    expect(await textOf(call)).toBe(
      'The table is in the region eu-west-1, and `connection.region` says us-east-1. ' +
        'Leave `connection.region` out, or give the ARN of a table in that region.',
    );
  });

  it('names the options of an upload that contradict each other', async () => {
    const out = await folder();
    const upload = { to: 's3://bucket/orders' };
    expect(await textOf(() => watch({ table: 'T', out, upload, connection: NOWHERE }).done)).toBe(
      "`upload` needs `layout: 'segments'`, not files. Add `layout: 'segments'`, or leave `upload` out.",
    );
  });

  it('says what of the connection to change', async () => {
    const options = { table: 'T', out: await folder(), once: true, connection: NOWHERE };
    const text = await textOf(() => watch(options).done);
    expect(text).toContain('or use `connection.endpointUrl`.');
    expect(text).not.toContain('--');
  });

  it('names the folder of positions by its option', async () => {
    const { deliver: start, read, clock } = deliveryFixture();
    start(sink, { positions: '/positions' });
    await clock.advance(1000);
    const other = start(sink, { positions: '/positions' });
    const remedy = 'Stop that process, or use another folder with `positions`.';
    await clock.advance(60_000);
    expect(await textOf(() => other.done)).toContain(remedy);
    const reading = first(read({ positions: '/positions' }));
    const text = textOf(() => reading);
    await clock.advance(60_000);
    expect(await text).toContain(remedy);
  });

  it('names the options of find, verify and restore', async () => {
    const out = await folder();
    const none = /Name its folder with `out`, or create an archive with "ttl-archive watch"\.$/;
    expect(await textOf(() => first(find({ out })))).toMatch(none);
    expect(await textOf(() => verify({ out }))).toMatch(none);
    expect(await textOf(() => restore({ out }))).toMatch(none);
    await writeSampleArchive({ disk: nodeDisk, directory: out, items: [{ PK: { S: 'a' } }] });
    expect(await textOf(() => first(find({ out, key: {} })))).toContain('`key: {"PK":{"S":"value"}}`');
    expect(await textOf(() => restore({ out, connection: NOWHERE }))).toContain('`connection.endpointUrl`');
    await writeSampleArchive({ disk: nodeDisk, directory: join(out, 'all', 'Orders'), items: [{ PK: { S: 'a' } }] });
    expect(await textOf(() => verify({ out: join(out, 'all') }))).toMatch(/Choose one with `out` \S+all\/Orders\.$/);
  });
});

describe('an endpoint of S3 that is no URL', () => {
  const reach = { s3EndpointUrl: 'nonsense', connection: { region: 'eu-west-1' } };

  it('is named by its option', async () => {
    expect(await textOf(() => verify({ out: 's3://bucket/orders', ...reach }))).toContain('with `s3EndpointUrl` or');
  });
});

describe('renamedLog', () => {
  it('names the options in reasons and remedies, and leaves the rest as it is', () => {
    const log = notedLog();
    const facts = {
      event: 'upload.failed',
      reason: 'no --region',
      remedy: 'Give --region.',
      file: ' --region',
      n: 1,
    } as const;
    renamedLog(log, WATCH_NAMES).warn(facts, 'it failed');
    expect(log.lines).toMatchObject([
      {
        event: 'upload.failed',
        facts: { reason: 'no `connection.region`', remedy: 'Give `connection.region`.', file: ' --region', n: 1 },
      },
    ]);
  });
});

describe('renameOptions', () => {
  it.each([
    ['Use --format item, which keeps it.', "Use `format: 'item'`, which keeps it."],
    ['Lower --concurrency, or wait.', 'Lower `concurrency`, or wait.'],
    [
      'Check --table, --region and --endpoint-url, or so:',
      'Check `table`, `connection.region` and `connection.endpointUrl`, or so:',
    ],
    ['Run "ttl-archive find --out x --key y" there.', 'Run "ttl-archive find --out x --key y" there.'],
    ['The table "a--out" or -—out has no --unheard-of.', 'The table "a--out" or -—out has no --unheard-of.'],
  ])('makes of %j: %j', (text, expected) => {
    expect(renameOptions(text, WATCH_NAMES)).toBe(expected);
  });

  it('knows every option that a sentence of the rooms under the library names', () => {
    const rooms = ['archive', 'aws', 'connection', 'disk', 'journal', 'lib', 'library', 'lock', 'reading', 'restore'];
    const more = ['s3', 'shards', 'store', 'stream', 'upload', 'verify', 'watch'];
    const files = [...rooms, ...more].flatMap((room) =>
      readdirSync(`src/${room}`).map((name) => `src/${room}/${name}`),
    );
    // A list that the command line alone reads.
    const used = [...files, 'src/table/why-not-archivable.ts'].filter((path) => path !== 'src/restore/event-list.ts');
    const sentences = used.flatMap((path) =>
      readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => !/^\s*(?:\*|\/)/.test(line))
        // A sentence has a space beside the option; the words of a command have none.
        .filter(
          (line) =>
            /--[a-z-]+[ ,.:;)]|[ (]--[a-z]|(?:remedy|problem|reason|message).*--[a-z]/.test(line) &&
            !/args: /.test(line),
        ),
    );
    expect(sentences.length).toBeGreaterThan(40);
    const unknown = sentences
      .flatMap((line) => [
        ...line.replaceAll(/"ttl-archive [^"]*"/g, '').matchAll(/(?<![\w-])--[a-z][a-z0-9-]*(?!\.#|[\w-])/g),
      ])
      .map(([option]) => option)
      .filter((option) => [WATCH_NAMES, DELIVERY_NAMES, READING_NAMES].every((names) => names[option] === undefined));
    expect([...new Set(unknown)]).toEqual([]);
  });
});
