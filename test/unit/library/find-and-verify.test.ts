import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { nodeDisk } from '../../../src/disk/node-disk.js';
import { type Finding, type FoundItem, find, verify } from '../../../src/index.js';
import type { WireItem } from '../../../src/ports/index.js';
import { temporaryFolders } from '../../support/archive-folder.js';
import { serveArchive, writeBatch } from '../../support/s3-archive.js';
import { type SampleOptions, sampleItems, writeSampleArchive } from '../../support/sample-archive.js';

const folder = temporaryFolders();
const objects = new Map<string, Buffer>();

afterEach(() => objects.clear());

async function sample(items: readonly WireItem[], more: Partial<SampleOptions> = {}): Promise<string> {
  const out = await folder();
  await writeSampleArchive({ disk: nodeDisk, directory: out, items, ...more });
  return out;
}

async function inS3(...counts: number[]) {
  for (const [hour, count] of counts.entries()) await writeBatch(objects, count, { hour, from: 10 * hour });
  const { server } = await serveArchive(objects);
  onTestFinished(() => server.close());
  return { out: 's3://bucket/orders', s3EndpointUrl: server.endpointUrl, server };
}

async function all(found: AsyncIterable<FoundItem>): Promise<FoundItem[]> {
  const items: FoundItem[] = [];
  for await (const item of found) items.push(item);
  return items;
}

describe('find', () => {
  it.each(['files', 'segments'] as const)('gives the versions of a key, the newest last, from %s', async (layout) => {
    const items = [{ PK: { S: 'a' }, v: { N: '1' } }, { PK: { S: 'b' } }, { PK: { S: 'a' }, v: { N: '2.0' } }];
    const found = await all(find({ out: await sample(items, { layout }), key: { PK: { S: 'a' } } }));
    expect(found.map(({ deletedAt }) => deletedAt)).toEqual(['2026-11-24T00:00:00.000Z', '2026-11-24T00:00:02.000Z']);
    const texts = await Promise.all(found.map((item) => item.text()));
    expect(texts.map((text) => JSON.parse(text).v)).toEqual([{ N: '1' }, { N: '2.0' }]);
  });

  it('gives the items of a time, by their deletion or their expiry; both ends belong to it', async () => {
    const out = await sample(sampleItems(90));
    const since = new Date('2026-11-24T00:00:58Z');
    expect(await all(find({ out, since, until: new Date('2026-11-24T00:01:02Z') }))).toHaveLength(5);
    expect(await all(find({ out, since, by: 'expired' }))).toEqual([]);
    expect(await all(find({ out }))).toHaveLength(90);
  });

  it('reads an archive in S3', async () => {
    const place = await inS3(3, 2);
    expect(await all(find(place))).toHaveLength(5);
    const [item] = await all(find({ ...place, key: { PK: { S: 'key-11' } } }));
    expect(JSON.parse((await item?.text()) ?? '')).toMatchObject({ PK: { S: 'key-11' } });
  });

  it('rejects the text of an item whose bytes were altered', async () => {
    const out = await sample(sampleItems(1));
    const [item] = await all(find({ out }));
    await writeFile(join(out, item?.file ?? ''), '{"PK":{"S":"another"}}\n');
    await expect(item?.text()).rejects.toMatchObject({ code: 'NOT_VERIFIED' });
  });

  it('throws, after everything that was found, when a manifest is damaged', async () => {
    const { server, ...place } = await inS3(3, 2);
    const [key = ''] = [...server.objects.keys()].filter((name) => name.includes('manifests')).toSorted();
    server.objects.set(key, Buffer.from('{}\n'));
    const found: string[] = [];
    const reading = (async () => {
      for await (const { eventID } of find(place)) found.push(eventID);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'JOURNAL' });
    expect(found).toHaveLength(2);
  });

  it('throws when there is no archive, for a key that is none, and for times that select nothing', async () => {
    const out = await sample(sampleItems(1));
    await expect(all(find({ out: join(out, 'none') }))).rejects.toMatchObject({ code: 'TABLE' });
    await expect(all(find({ out, key: { PK: { M: {} } } }))).rejects.toMatchObject({ code: 'USAGE' });
    await expect(all(find({ out, since: new Date('no date') }))).rejects.toMatchObject({ code: 'USAGE' });
    const [since, until] = [new Date(2), new Date(1)];
    await expect(all(find({ out, since, until }))).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('throws the reason of its signal, also when it would find nothing more', async () => {
    const out = await sample(sampleItems(3));
    const stop = new AbortController();
    const reason = new Error('enough');
    const reading = (async () => {
      for await (const _ of find({ out, signal: stop.signal })) stop.abort(reason);
    })();
    await expect(reading).rejects.toBe(reason);
    await expect(all(find({ out, key: { PK: { S: 'none' } }, signal: stop.signal }))).rejects.toBe(reason);
  });
});

describe('verify', () => {
  it('says of a folder whether everything is as it was archived', async () => {
    const out = await sample(sampleItems(3));
    expect(await verify({ out })).toMatchObject({ verified: true, items: 3, findings: {} });
    const [first, second] = await all(find({ out }));
    await rm(join(out, first?.file ?? ''));
    await writeFile(
      join(out, second?.file ?? ''),
      (await readFile(join(out, second?.file ?? ''), 'utf8')).toUpperCase(),
    );
    const found: Finding[] = [];
    const result = await verify({ out, onFinding: (finding) => found.push(finding) });
    expect(result).toMatchObject({ verified: false, findings: { missing: 1, altered: 1 } });
    expect(found.map(({ kind }) => kind).toSorted()).toEqual(['altered', 'missing']);
  });

  it('checks the hours of an archive in S3', async () => {
    const { server, ...place } = await inS3(3, 2);
    expect(await verify(place)).toMatchObject({ verified: true, items: 5, objects: 2 });
    const until = new Date('2026-11-23T12:30:00Z');
    expect(await verify({ ...place, until })).toMatchObject({ verified: true, items: 3, objects: 1 });
    const [data = ''] = [...server.objects.keys()].filter((name) => !name.includes('manifests'));
    server.objects.delete(data);
    expect(await verify(place)).toMatchObject({ verified: false, findings: { missing: 1 } });
  });

  it('is not verified when the signal ended it', async () => {
    const out = await sample(sampleItems(3));
    expect(await verify({ out, signal: AbortSignal.abort() })).toMatchObject({ verified: false, interrupted: true });
  });

  it('throws for options that make no sense', async () => {
    const out = await sample(sampleItems(1));
    for (const percent of [0, 101, Number.NaN]) {
      await expect(verify({ out, sample: percent })).rejects.toMatchObject({ code: 'USAGE' });
    }
    await expect(verify({ out, since: new Date() })).rejects.toMatchObject({ code: 'USAGE' });
    await expect(verify({ out: join(out, 'none') })).rejects.toMatchObject({ code: 'TABLE' });
  });
});
